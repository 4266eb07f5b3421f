"""The service list, and a service's Overview."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.metrics.history import range_of
from releases.models import Release, Status
from releases.views.board import rows
from releases.views.charts import charts_of
from releases.views.header import FROZEN, service_header
from releases.views.running import running_of
from services.access import get_environment_for_user, get_service_for_user
from services.context import environment_page
from services.models import Service
from services.views.create_page import is_fragment

SEARCH_FROM = 11  # services; fewer are seen at a glance
LONGEST_SEARCH = 100


@require_GET
def service_list(request: HttpRequest, code: str) -> HttpResponse:
    """The list asks this same address for its rows, every few seconds and with every letter of a search."""
    environment = get_environment_for_user(cast(AuthenticatedHttpRequest, request).user, code)
    search = request.GET.get("q", "")[:LONGEST_SEARCH].replace("\0", "").strip()
    context = {
        **environment_page(request, environment),
        "rows": rows(environment, search),
        "search": search,
        "has_search": bool(search) or Service.objects.present().filter(environment=environment).count() >= SEARCH_FROM,
    }
    template = "releases/service_list.html#rows" if is_fragment(request) else "releases/service_list.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_GET
def overview(request: HttpRequest, code: str, name: str) -> HttpResponse:
    service = get_service_for_user(cast(AuthenticatedHttpRequest, request).user, code, name)
    releases = Release.objects.filter(service=service).select_related("requested_by", "artifact")
    live = releases.defer(*FROZEN[1:]).live().first()
    header = service_header(request, service, "overview")
    newest = header["newest"]
    context = {
        **header,
        "live": live,
        "settings": live.settings if live else service.frozen_settings(),
        "variables": service.variables.defer("value"),
        "instances": running_of(live),
        "failed": newest if newest and newest.status == Status.FAILED else None,
    }
    if is_fragment(request):
        response = render(request, "releases/overview.html#live", context)
    else:
        drawn = charts_of(service, range_of(request.GET.get("range", "")))
        response = render(request, "releases/overview.html", {**context, **drawn})
    patch_vary_headers(response, ["HX-Request"])
    return response
