"""The way in: the environment to start with, and making a new one."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from kintohub.accounts.http import AuthenticatedHttpRequest
from services.actions import create_environment
from services.context import LAST_ENVIRONMENT
from services.forms.environment import EnvironmentForm
from services.models import Environment, Region


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The last used environment, else the first, else the page that makes one."""
    mine = Environment.objects.of(cast(AuthenticatedHttpRequest, request).user)
    last = mine.filter(code=request.session.get(LAST_ENVIRONMENT, "")).first()
    environment = last or mine.first()
    return redirect("environment", environment.code) if environment else redirect("environment_create")


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    user = cast(AuthenticatedHttpRequest, request).user
    form = EnvironmentForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        environment = create_environment(user, form.cleaned_data["name"], form.cleaned_data["region"])
        messages.success(request, f"The environment {environment.name} is ready.")
        return redirect("environment", environment.code)
    context = {"form": form, "has_regions": Region.objects.exists(), "is_first": not user.memberships.exists()}
    return render(request, "services/environment_create.html", context)
