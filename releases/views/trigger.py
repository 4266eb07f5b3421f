"""Trigger Deploy, which says before it queues anything when there is nothing new to deploy."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.actions import Refused, RequestReused, current, trigger_deploy
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
        report = _preflight(service)
        if obstacle := _nothing_new(request, service, form, report) or _obstacle(request, service, form, report):
            return obstacle
        return redirect(trigger_deploy(user, service, request_id, commit=report.commit))
    except RequestReused:
        messages.error(request, OUT_OF_DATE)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("releases", code, name)


def _preflight(service: Service) -> Report:
    base = current(service)
    settings = base.settings if base else service.frozen_settings()
    credentials = base.credentials if base else service.frozen_credentials()
    return preflight(Asked(settings, credentials, service))


def _nothing_new(request: HttpRequest, service: Service, form: TriggerForm, report: Report) -> HttpResponse | None:
    """The page that says so, when what is live is what the branch has now."""
    live = current(service)
    if form.cleaned_data["anyway"] or live is None or live.status != Status.LIVE or not live.commit_sha:
        return None
    head = report.commit.sha if report.commit else _head(live)
    if head != live.commit_sha:
        return None
    context = {**service_header(request, service, ""), "live": live, **form.cleaned_data}
    return render(request, "releases/nothing_new.html", {**context, "downtime": downtime_of(service, live.settings)})


def _obstacle(request: HttpRequest, service: Service, form: TriggerForm, report: Report) -> HttpResponse | None:
    """The page that says what stands against it; None when nothing does."""
    base = current(service)
    settings = base.settings if base else service.frozen_settings()
    found: dict[Severity, list[Note]] = {severity: [] for severity in Severity}
    for note in report.notes:
        found[note.severity].append(note)
    if found[Severity.PROBLEM] or (found[Severity.WARNING] and not form.cleaned_data["passed"]):
        context = {**service_header(request, service, ""), "base": base, **form.cleaned_data, "settings": settings}
        context |= {"problems": found[Severity.PROBLEM], "warnings": found[Severity.WARNING]}
        return render(request, "releases/preflight.html", {**context, "downtime": downtime_of(service, settings)})
    for note in found[Severity.UNCHECKED]:
        messages.info(request, note.sentence)
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
