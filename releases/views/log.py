"""A log beside its socket: the whole of it as text, and a search through the whole of it."""

from __future__ import annotations

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.access import get_release_for_user
from releases.logs import download, reader
from releases.logs.escapes import without_colours
from releases.logs.search import Found, search
from releases.models import Release

LINES_WITHOUT_SCRIPT = 200


class SearchForm(forms.Form):
    q = forms.CharField(max_length=200)


@require_GET
def release_text(request: HttpRequest, code: str, name: str, number: int) -> HttpResponseBase:
    release = _release(request, code, name, number)
    return as_text(reader.state_of(release.pk).stream, f"{name}-release-{number}.log.txt")


@require_GET
def release_search(request: HttpRequest, code: str, name: str, number: int) -> HttpResponseBase:
    release = _release(request, code, name, number)
    return found_in(reader.state_of(release.pk).stream, request)


def as_text(stream_id: int | None, filename: str) -> HttpResponseBase:
    """The stream to download."""
    response = StreamingHttpResponse(download.text(stream_id), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def found_in(stream_id: int | None, request: HttpRequest) -> HttpResponseBase:
    """JSON of `Found` for the words `q`; 400 with the reason when they are missing or too long."""
    form = SearchForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"error": form.errors["q"][0]}, status=400)
    found = search(stream_id, form.cleaned_data["q"]) if stream_id else Found(0, [], 0)
    return JsonResponse({"total": found.total, "hits": found.hits, "through": found.through})


def viewer_of(release: Release) -> dict[str, str]:
    """What `releases/_log.html` shows: its title, what it says when it is empty, and its addresses."""
    where = [release.service.environment.code, release.service.name, release.number]
    return {
        "socket": f"/ws/releases/{release.pk}/log",
        "search": reverse("release_log_search", args=where),
        "download": reverse("release_log", args=where),
        "title": "Log",
        "copy": "Copy the whole log",
        "empty": "No line yet. The log begins when the release starts.",
    }


def last_lines(stream_id: int | None) -> list[str]:
    """For a browser without JavaScript."""
    lines = reader.tail(stream_id, LINES_WITHOUT_SCRIPT) if stream_id else []
    return [f"{number:>5}  {line.source:<11} {without_colours(line.text)}" for number, line in lines]


def _release(request: HttpRequest, code: str, name: str, number: int) -> Release:
    return get_release_for_user(cast(AuthenticatedHttpRequest, request).user, code, name, number)
