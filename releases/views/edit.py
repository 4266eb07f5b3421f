"""Edit Service and Edit Release: the form, filled in from a release, and Deploy of the edited copy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from kintohub.accounts.http import AuthenticatedHttpRequest
from kintohub.accounts.models import User
from releases.access import get_release_for_user
from releases.actions import Refused, current, deploy_edit
from releases.models import Release
from releases.preflight import Asked
from releases.views.downtime import downtime_of
from releases.views.outlook import MARKED, NOTHING, UNREADABLE, Outlook, has_build, outlook
from releases.views.preflight import may_deploy
from releases.views.press import PressForm
from services.access import get_service_for_user
from services.forms.edit import EditForm
from services.forms.stored import Stored
from services.models import Environment
from services.views.connect import inspect_typed
from services.views.create_page import draw


class SentForm(PressForm):
    """`seen` is the number of the service's newest release when the page was made: others may have overtaken it."""

    seen = forms.IntegerField(min_value=0)


@dataclass(frozen=True)
class Edit:
    """One visit of the form that starts from the release `base`."""

    request: HttpRequest
    base: Release

    @cached_property
    def stored(self) -> Stored:
        return stored_of(self.base)

    @property
    def environment(self) -> Environment:
        return self.base.service.environment

    def sent(self) -> EditForm:
        return EditForm(self.environment, self.stored, self.request.POST)

    def draft(self) -> EditForm:
        return EditForm(self.environment, self.stored).draft(self.request.POST)

    def asked(self, form: EditForm) -> Asked:
        """The deploy of the form: of the same commit, unless the branch changed."""
        base, settings = self.base, form.settings()
        commit = base.commit_sha if settings.branch == base.settings.branch else ""
        needs_code = not commit or not has_build(base, settings, form.variables())
        return Asked(settings, form.credentials(), base.service, commit, needs_code)

    def outlook(self, form: EditForm) -> Outlook:
        if not form.is_valid():
            return UNREADABLE
        if not form.differs:
            return NOTHING
        settings = form.settings()
        return replace(
            outlook(self.base, settings, form.variables()), downtime=downtime_of(self.base.service, settings)
        )


@require_GET
def edit_service(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Leads to the form of the release whose settings count; what its address proposes goes along."""
    user = cast(AuthenticatedHttpRequest, request).user
    service = get_service_for_user(user, code, name, may_deploy=True)
    base = current(service)
    if base is None:
        messages.warning(request, "This service has no release yet. Deploy it first.")
        return redirect("service", code, name)
    address = reverse("release_edit", args=[code, name, base.number])
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def edit_release(request: HttpRequest, code: str, name: str, number: int) -> HttpResponse:
    user = cast(AuthenticatedHttpRequest, request).user
    edit = Edit(request, get_release_for_user(user, code, name, number, may_deploy=True))
    if request.method == "GET":
        form = EditForm.proposing(edit.environment, edit.stored, request.GET)
        return _page(edit, form, edit.outlook(form.as_sent))
    match request.POST.get("action"):
        case "preview":
            return render(request, "releases/_outlook.html", {"outlook": edit.outlook(edit.sent())})
        case "connect":
            return _connect(edit)
        case "add_row":
            form = edit.draft()
            form.opened = "variables"
            return _page(edit, form, edit.outlook(edit.sent()))
        case _:
            return _deploy(edit, user)


def _connect(edit: Edit) -> HttpResponse:
    """Only says what is there: the settings are somebody's choice already."""
    form = edit.draft()
    found = inspect_typed(form.repository)
    if found is not None:
        filled = edit.request.POST.copy()
        filled["branch"] = found.branch
        form = EditForm(edit.environment, edit.stored).draft(filled)
    form.opened = "repository"
    return _page(edit, form, edit.outlook(edit.sent()), found=found)


def _deploy(edit: Edit, user: User) -> HttpResponse:
    form = edit.sent()
    if not form.is_valid():
        return _page(edit, form, MARKED)
    view = edit.outlook(form)
    sent = SentForm(edit.request.POST)
    request_id = sent.cleaned_data["request_id"] if sent.is_valid() else uuid4()
    earlier = Release.objects.filter(request_id=request_id, service=edit.base.service).first()
    if earlier is not None and stored_of(earlier).equals(form.settings(), form.variables(), form.credentials()):
        return redirect(earlier)
    if view is NOTHING:
        return _page(edit, form, view)
    if newer := _newer(edit, sent):
        return _page(edit, form, view, newer=newer, request_id=uuid4())
    if not may_deploy(edit.request, form, edit.asked(form)):
        return _page(edit, form, view)
    try:
        order = (form.settings(), form.variables(), form.credentials(), request_id)
        return redirect(deploy_edit(user, edit.base, *order))
    except Refused as refused:
        form.refusal = str(refused)
        return _page(edit, form, view)


def _newer(edit: Edit, sent: SentForm) -> Release | None:
    """The service's newest release, unless the page knew it. Its makers would not expect to be undone by a copy."""
    newest = Release.objects.for_list().filter(service=edit.base.service).first()
    known = sent.cleaned_data["seen"] if sent.is_valid() else 0
    return newest if newest and newest.number > known else None


def stored_of(release: Release) -> Stored:
    return Stored(release.settings, release.variables, release.credentials)


def _page(edit: Edit, form: EditForm, view: Outlook, **more: Any) -> HttpResponse:
    service = edit.base.service
    now = current(service)
    context = {
        "service": service,
        "base": edit.base,
        "now": now,
        "outlook": view,
        "seen": service.last_release_number,
        "connect_url": edit.request.path,
        **more,
    }
    return draw(edit.request, form, page="releases/edit.html", **context)
