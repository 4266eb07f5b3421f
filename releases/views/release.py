"""The release page: what happens to one release, live, and its log."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.access import get_release_for_user
from releases.logs import reader
from releases.models import Release, Stage
from releases.receipt import receipt_of
from releases.views.fix import card_of
from releases.views.log import last_lines, viewer_of
from releases.views.offers import offers_of, way_back
from releases.views.proof import proof_of
from releases.views.steps import steps_of
from releases.views.waiting import usual_time, waiting
from services.context import service_page
from services.views.create_page import is_fragment


@require_GET
def release(request: HttpRequest, code: str, name: str, number: int) -> HttpResponse:
    """Its live part asks this same address for itself while the release is unfinished."""
    found = get_release_for_user(cast(AuthenticatedHttpRequest, request).user, code, name, number)
    page = service_page(request, found.service, "releases")
    context = {**page, **_live_part(found, page["may_deploy"])}
    if is_fragment(request):
        response = render(request, "releases/release.html#live", context)
    else:
        log = {"viewer": viewer_of(found), "lines": last_lines(context["log"].stream)}
        response = render(request, "releases/release.html", {**context, **log})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _live_part(release: Release, may_deploy: bool) -> dict[str, Any]:
    log, receipt = reader.state_of(release.pk), receipt_of(release)
    others = Release.objects.live().filter(service=release.service).exclude(pk=release.pk)
    return {
        "release": release,
        "log": log,
        # The log was asked later than the release: one that ended in between is shown once more.
        "renews": not (release.is_finished and log.over) or bool(receipt and not receipt.is_complete),
        "offers": offers_of(release, may_deploy),
        "way_back": way_back(release) if may_deploy else None,
        "steps": steps_of(release),
        "proof": proof_of(release),
        "serving": others.first(),
        "waiting": waiting(release),
        "usual_time": usual_time(release),
        "receipt": receipt,
        "card": card_of(release, may_deploy),
        "request_id": uuid4(),
        "failed_stage": Stage(release.failed_stage).label if release.failed_stage in Stage.values else "",
    }
