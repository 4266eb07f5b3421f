"""Create Service: the form, and Deploy."""

from __future__ import annotations

from typing import cast
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kintohub.accounts.http import AuthenticatedHttpRequest
from kintohub.accounts.models import User
from releases.actions import Refused, create_and_deploy
from releases.models import Release
from releases.preflight import Asked
from releases.views.downtime import downtime_of_first
from releases.views.preflight import may_deploy
from services.access import get_environment_for_user
from services.actions import NameTaken
from services.forms.advanced import AdvancedForm
from services.forms.build import name_taken
from services.forms.service import ServiceForm
from services.forms.typed import typed
from services.models import Environment
from services.views.create_page import draw


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def create(request: HttpRequest, code: str) -> HttpResponse:
    user = cast(AuthenticatedHttpRequest, request).user
    environment = get_environment_for_user(user, code, may_deploy=True)
    if request.method == "GET":
        return _page(request, ServiceForm(environment))
    match request.POST.get("action"):
        case "preview":
            size = AdvancedForm(initial=typed(AdvancedForm, request.POST))
            return render(request, "releases/_downtime.html", {"downtime": downtime_of_first(size)})
        case "add_row":
            form = ServiceForm(environment).draft(request.POST)
            form.opened = "variables"
            return _page(request, form)
        case _:
            return _create(request, user, environment)


def _create(request: HttpRequest, user: User, environment: Environment) -> HttpResponse:
    request_id = _request_id(request)
    if release := _earlier(user, environment, request.POST.get("name", ""), request_id):
        return _to(release)
    form = ServiceForm(environment, request.POST)
    if form.is_valid() and may_deploy(request, form, Asked(form.settings(), form.credentials(), None)):
        release = _deploy(user, environment, form, request_id)
        if release is not None:
            return _to(release)
    return _page(request, form)


def _page(request: HttpRequest, form: ServiceForm) -> HttpResponse:
    return draw(request, form, downtime=downtime_of_first(form.advanced))


def _deploy(user: User, environment: Environment, form: ServiceForm, request_id: UUID) -> Release | None:
    """None when it was not accepted: the form says why."""
    settings, variables, credentials = form.settings(), form.variables(), form.credentials()
    is_used = Release.objects.filter(request_id=request_id).exists()
    own = uuid4() if is_used else request_id
    try:
        return create_and_deploy(user, environment, form.name, settings, variables, credentials, own)
    except NameTaken:
        # Between the check and now: by another person, or by the other of two clicks.
        if release := _earlier(user, environment, form.name, request_id):
            return release
        form.build.add_error("name", name_taken(form.name))
    except Refused as refused:
        form.refusal = str(refused)
    return None


def _earlier(user: User, environment: Environment, name: str, request_id: UUID) -> Release | None:
    """What the first of two clicks made. A page that came back and got another name is a request of its own."""
    made = Release.objects.filter(request_id=request_id, requested_by=user)
    return made.filter(service__environment=environment, service__name=name).first()


def _request_id(request: HttpRequest) -> UUID:
    """Another one when what was sent is none: it only ties repeated clicks of one page together."""
    try:
        return UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid4()


def _to(release: Release) -> HttpResponse:
    service = release.service
    return redirect("release", service.environment.code, service.name, release.number)
