"""Trigger Deploy, which says before it queues anything when there is nothing new to deploy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.actions import Newest, Refused, RequestReused, current, trigger_deploy
from releases.models import Release, Status
from releases.preflight import Asked, Note, Report, Severity, preflight
from releases.views.downtime import downtime_of
from releases.views.header import service_header
from releases.views.press import PressForm
from services.access import get_service_for_user
from services.models import Service
from services.policy import repository_policy
from services.repository import remote
from services.repository.address import parse
from services.repository.errors import RepositoryError
from services.settings import Credentials, ServiceSettings

OUT_OF_DATE = "That page was out of date, so nothing was deployed. Press Trigger Deploy again."
SECONDS = 5.0


class TriggerForm(PressForm):
    """`anyway`: also when there is nothing new; `passed`: also when something may make it fail."""

    anyway = forms.BooleanField(required=False)
    passed = forms.BooleanField(required=False)


@require_POST
def trigger(request: HttpRequest, code: str, name: str) -> HttpResponse:
    user = cast(AuthenticatedHttpRequest, request).user
    service = get_service_for_user(user, code, name, may_deploy=True)
    form = TriggerForm(request.POST)
    try:
        if not form.is_valid():
            raise RequestReused
        request_id = form.cleaned_data["request_id"]
        if Release.objects.filter(request_id=request_id).exists():  # a second press
            return redirect(trigger_deploy(user, service, request_id))
        base = current(service)
        press = Press(request, service, base, form)
        report = preflight(Asked(press.settings, press.credentials, service))
        if obstacle := _nothing_new(press, report) or _obstacle(press, report):
            return obstacle
        newest = Newest(base, report.commit) if report.commit else None
        return redirect(trigger_deploy(user, service, request_id, newest=newest))
    except RequestReused:
        messages.error(request, OUT_OF_DATE)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("releases", code, name)


@dataclass(frozen=True)
class Press:
    """`base` is the release whose settings count, None before there is one."""

    request: HttpRequest
    service: Service
    base: Release | None
    form: TriggerForm

    @property
    def settings(self) -> ServiceSettings:
        return self.base.settings if self.base else self.service.frozen_settings()

    @property
    def credentials(self) -> Credentials:
        return self.base.credentials if self.base else self.service.frozen_credentials()

    def page(self, template: str, **context: object) -> HttpResponse:
        """In place of the deploy, with the form to press again."""
        header = service_header(self.request, self.service, "")
        downtime = downtime_of(self.service, self.settings)
        return render(self.request, template, {**header, **self.form.cleaned_data, "downtime": downtime, **context})


def _nothing_new(press: Press, report: Report) -> HttpResponse | None:
    """The page that says so, when what is live is what the branch has now."""
    live = press.base
    if press.form.cleaned_data["anyway"] or live is None or live.status != Status.LIVE or not live.commit_sha:
        return None
    head = report.commit.sha if report.commit else _head(live)
    return press.page("releases/nothing_new.html", live=live) if head == live.commit_sha else None


def _obstacle(press: Press, report: Report) -> HttpResponse | None:
    """The page that says what stands against it; None when nothing does."""
    found: dict[Severity, list[Note]] = {severity: [] for severity in Severity}
    for note in report.notes:
        found[note.severity].append(note)
    problems, warnings = found[Severity.PROBLEM], found[Severity.WARNING]
    if problems or (warnings and not press.form.cleaned_data["passed"]):
        return press.page(
            "releases/preflight.html", base=press.base, settings=press.settings, problems=problems, warnings=warnings
        )
    for note in found[Severity.UNCHECKED]:
        messages.info(press.request, note.sentence)
    return None


def _head(release: Release) -> str:
    """The newest commit of its branch; empty when the repository does not say: the deploy will tell why."""
    settings, policy = release.settings, repository_policy()
    try:
        address = parse(settings.repository_url, policy)
        heads = remote.branches(address, release.credentials, policy, seconds=SECONDS)
    except RepositoryError:
        return ""
    return heads.branches.get(settings.branch, "")
