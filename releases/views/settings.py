"""The Settings tab: deploy settings, Suspend, Resume, Restart, and Delete Service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kintohub.accounts.http import AuthenticatedHttpRequest
from kintohub.accounts.models import User
from releases import actions
from releases.actions import Refused, RequestReused
from releases.models import Release
from releases.views.header import FROZEN, service_header
from releases.views.lifecycle import verbs
from releases.views.press import PressForm
from services.access import get_service_for_user
from services.actions import save_deploy_settings
from services.forms.settings import DeleteForm, DeploySettingsForm
from services.models import Service

CONFIRMED = ("restart", "suspend", "resume", "delete")


class ConfirmForm(forms.Form):
    """Without scripts a link opens the question: `?confirm=suspend`."""

    confirm = forms.ChoiceField(choices=[(name, name) for name in CONFIRMED])


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest, code: str, name: str) -> HttpResponse:
    service = _service(request, code, name, may_deploy=request.method == "POST")
    if request.method == "GET":
        asked = ConfirmForm(request.GET)
        return _page(request, service, confirm=asked.cleaned_data["confirm"] if asked.is_valid() else "")
    form = DeploySettingsForm(request.POST)
    if not form.is_valid():
        return _page(request, service, form=form)
    if save_deploy_settings(_user(request), service, **form.cleaned_data):
        messages.success(request, f"Saved. {_effect(service)}")
    else:
        messages.info(request, "Nothing has changed.")
    return redirect("service_settings", code, name)


def _effect(service: Service) -> str:
    count = service.keep_artifacts
    kept = "the last build is kept" if count == 1 else f"the last {count} builds are kept"
    waiting = "replaces those that wait" if service.queue_policy == "newest" else "waits until the older ones are done"
    return f"A new release {waiting}, and {kept}."


@require_POST
def suspend(request: HttpRequest, code: str, name: str) -> HttpResponse:
    service = _service(request, code, name)
    try:
        actions.suspend(_user(request), service)
        messages.success(request, f"{service} is suspended. Its instances are being stopped.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("service_settings", code, name)


@require_POST
def resume(request: HttpRequest, code: str, name: str) -> HttpResponse:
    return _again(request, code, name, actions.resume)


@require_POST
def restart(request: HttpRequest, code: str, name: str) -> HttpResponse:
    return _again(request, code, name, actions.restart)


def _again(request: HttpRequest, code: str, name: str, verb: Callable[[User, Service, UUID], Release]) -> HttpResponse:
    """Leads to the page of the release that was made."""
    service = _service(request, code, name)
    form = PressForm(request.POST)
    try:
        if not form.is_valid():
            raise RequestReused
        return redirect(verb(_user(request), service, form.cleaned_data["request_id"]))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("service_settings", code, name)


@require_POST
def resume_automatic(request: HttpRequest, code: str, name: str) -> HttpResponse:
    service = _service(request, code, name)
    actions.resume_automatic_deploys(service)
    messages.success(request, f"Automatic deploys of {service} are no longer held.")
    return redirect("service_settings", code, name)


@require_POST
def delete(request: HttpRequest, code: str, name: str) -> HttpResponse:
    service = _service(request, code, name)
    form = DeleteForm(service, request.POST)
    if not form.is_valid():
        return _page(request, service, delete_form=form, confirm="delete")
    actions.delete(_user(request), service)
    messages.success(request, f"{service} is deleted. Its instances, address and builds are being removed.")
    return redirect("environment", code)


def _page(request: HttpRequest, service: Service, **more: Any) -> HttpResponse:
    header = service_header(request, service, "settings")
    live = Release.objects.defer(*FROZEN[1:]).live().filter(service=service).first()
    context = {
        **header,
        "form": DeploySettingsForm.of(service),
        "delete_form": DeleteForm(service),
        "verbs": verbs(service, live, header["suspended"]),
        # Another one than the header's: two buttons of a page never stand for the same request.
        "press_id": uuid4(),
        "confirm": "",
        "count": Release.objects.filter(service=service).count(),
        **more,
    }
    return render(request, "releases/settings.html", context)


def _service(request: HttpRequest, code: str, name: str, *, may_deploy: bool = True) -> Service:
    return get_service_for_user(_user(request), code, name, may_deploy=may_deploy)


def _user(request: HttpRequest) -> User:
    return cast(AuthenticatedHttpRequest, request).user
