"""Rollback: what would change, for each choice of configuration, and the deed."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from kintohub.accounts.http import AuthenticatedHttpRequest
from kintohub.accounts.models import User
from releases.access import get_release_for_user
from releases.actions import Configuration, Refused, RequestReused, may_roll_back_to, rollback, rollback_order
from releases.models import Release, Trigger
from releases.preview import preview
from releases.views.downtime import downtime_of
from releases.views.press import PressForm
from services.context import service_page
from services.views.create_page import is_fragment

CHOICES = [(choice.value, choice.value) for choice in Configuration]
NEVER_LIVE = "Only a release that was live before can be rolled back to."


class ChoiceForm(forms.Form):
    configuration = forms.TypedChoiceField(choices=CHOICES, coerce=Configuration)


class RollbackForm(PressForm, ChoiceForm):
    """`configuration` is the one that the page told about, and so never has a default here."""


@require_http_methods(["GET", "POST"])
def roll_back(request: HttpRequest, code: str, name: str, number: int) -> HttpResponse:
    """The part that tells what changes asks this same address for itself when the choice changes."""
    user = cast(AuthenticatedHttpRequest, request).user
    release = get_release_for_user(user, code, name, number, may_deploy=True)
    if request.method == "POST":
        return _roll_back(request, user, release)
    if not may_roll_back_to(release):
        messages.error(request, NEVER_LIVE)
        return redirect(release)
    asked = ChoiceForm(request.GET)
    chosen = asked.cleaned_data["configuration"] if asked.is_valid() else Configuration.AS_RELEASED
    template = "releases/rollback.html#told" if is_fragment(request) else "releases/rollback.html"
    response = render(request, template, {**service_page(request, release.service, ""), **_told(release, chosen)})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _roll_back(request: HttpRequest, user: User, release: Release) -> HttpResponse:
    form = RollbackForm(request.POST)
    try:
        if not form.is_valid():
            raise RequestReused
        chosen, request_id = form.cleaned_data["configuration"], form.cleaned_data["request_id"]
        earlier = Release.objects.filter(request_id=request_id).first()
        if earlier is None:
            return redirect(rollback(user, release, chosen, request_id))
        if earlier.trigger != Trigger.ROLLBACK or earlier.based_on_id != release.pk:
            raise RequestReused
        # A second press, perhaps long after the first: it must not bring old settings back once more.
        return redirect(earlier)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(release)


def _told(release: Release, chosen: Configuration) -> dict[str, Any]:
    settings = rollback_order(release, chosen).settings
    return {
        "release": release,
        "told": preview(release, chosen),
        "chosen": chosen,
        "instances": settings.instances,
        "downtime": downtime_of(release.service, settings),
        "request_id": uuid4(),
    }
