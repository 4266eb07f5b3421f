"""The Console tab: what the instances of a service print, live and from history."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.logs import reader
from releases.views.header import service_header
from releases.views.log import as_text, found_in, last_lines
from services.access import get_service_for_user
from services.models import Service

TAIL = 2_000  # lines that a console begins with; earlier ones are fetched when they are wanted
PAGE = 5_000
NEWEST_CHUNKS = 50  # in which the instances to choose from are looked for


class BeforeForm(forms.Form):
    before = forms.IntegerField(min_value=1, max_value=2**31 - 1)


@require_GET
def console(request: HttpRequest, code: str, name: str) -> HttpResponse:
    service = _service(request, code, name)
    stream = reader.console_of(service.pk).stream
    context = {
        **service_header(request, service, "console"),
        "viewer": _viewer_of(service, stream),
        "lines": last_lines(stream),
    }
    return render(request, "releases/console.html", context)


@require_GET
def console_text(request: HttpRequest, code: str, name: str) -> HttpResponseBase:
    return as_text(reader.console_of(_service(request, code, name).pk).stream, f"{name}-console.log.txt")


@require_GET
def console_search(request: HttpRequest, code: str, name: str) -> HttpResponseBase:
    return found_in(reader.console_of(_service(request, code, name).pk).stream, request)


@require_GET
def console_lines(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Lines before line `before`, shaped as a chunk of the socket; none when they are not kept any more."""
    stream = reader.console_of(_service(request, code, name).pk).stream
    form = BeforeForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"error": form.errors["before"][0]}, status=400)
    if stream is None:
        return JsonResponse({"f": 1, "n": 0, "b": ""})
    block = reader.before(stream, form.cleaned_data["before"], PAGE)
    return JsonResponse({"f": block.first, "n": block.count, "b": block.body})


def _viewer_of(service: Service, stream: int | None) -> dict[str, Any]:
    where = [service.environment.code, service.name]
    return {
        "socket": f"/ws/services/{service.pk}/console",
        "search": reverse("console_search", args=where),
        "download": reverse("console_text", args=where),
        "earlier": reverse("console_lines", args=where),
        "tail": TAIL,
        "instances": sorted(reader.sources(stream, NEWEST_CHUNKS)) if stream else [],
        "title": "Console",
        "copy": "Copy the lines shown",
        "empty": "No line yet. What the instances of this service print appears here.",
    }


def _service(request: HttpRequest, code: str, name: str) -> Service:
    return get_service_for_user(cast(AuthenticatedHttpRequest, request).user, code, name)
