"""The release page: what happens to one release, live, and its log."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases import queue
from releases.access import get_release_for_user
from releases.logs import reader
from releases.logs.escapes import without_colours
from releases.models import Release, Stage, Status
from releases.views.steps import steps_of
from services.context import service_page
from services.views.create_page import is_fragment

LINES_WITHOUT_SCRIPT = 200


@require_GET
def release(request: HttpRequest, code: str, name: str, number: int) -> HttpResponse:
    """Its live part asks this same address for itself while the release is unfinished."""
    found = get_release_for_user(cast(AuthenticatedHttpRequest, request).user, code, name, number)
    context = {**service_page(request, found.service, "releases"), **_live_part(found)}
    if is_fragment(request):
        response = render(request, "releases/release.html#live", context)
    else:
        response = render(request, "releases/release.html", {**context, "lines": _last_lines(context["log"].stream)})
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_GET
def log_text(request: HttpRequest, code: str, name: str, number: int) -> HttpResponse:
    """The whole log to download; the caps of a log bound its size."""
    found = get_release_for_user(cast(AuthenticatedHttpRequest, request).user, code, name, number)
    stream = reader.state_of(found.pk).stream
    text = "".join(reader.text(stream)) if stream else ""
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-release-{number}.log.txt"'
    return response


def _live_part(release: Release) -> dict[str, Any]:
    others = Release.objects.live().filter(service=release.service).exclude(pk=release.pk)
    waits = release.status == Status.QUEUED
    return {
        "release": release,
        "log": reader.state_of(release.pk),
        "steps": steps_of(release),
        "serving": others.first(),
        "position": queue.position(release) if waits else 0,
        "waits_for": queue.waits_for(release) if waits else "",
        "failed_stage": Stage(release.failed_stage).label if release.failed_stage in Stage.values else "",
    }


def _last_lines(stream: int | None) -> list[str]:
    """For a browser without JavaScript."""
    lines = reader.tail(stream, LINES_WITHOUT_SCRIPT) if stream else []
    return [f"{number:>5}  {line.source:<11} {without_colours(line.text)}" for number, line in lines]
