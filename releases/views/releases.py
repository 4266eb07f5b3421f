"""The Releases tab: every release of a service, newest first."""

from __future__ import annotations

from typing import cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.models import Release
from releases.views.header import FROZEN, UNTOLD, service_header
from releases.views.offers import offers_of
from services.access import get_service_for_user
from services.views.create_page import is_fragment

PAGE = 25
# Of what was frozen only the branch is shown; the encrypted rest is left where it is.
UNSHOWN = (*FROZEN[1:], *(f"{relation}__{field}" for relation in ("based_on", "superseded_by") for field in FROZEN))


@require_GET
def releases(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """The table asks this same address for itself while one of its releases is unfinished."""
    service = get_service_for_user(cast(AuthenticatedHttpRequest, request).user, code, name)
    found = Release.objects.for_list().select_related("based_on", "superseded_by").defer(*UNSHOWN, *UNTOLD)
    page = Paginator(found.filter(service=service), PAGE).get_page(request.GET.get("page"))
    header = service_header(request, service, "releases")
    context = {
        **header,
        "page": page,
        "rows": [(release, offers_of(release, header["may_deploy"])) for release in page],
        "unfinished": any(not release.is_finished for release in page),
    }
    template = "releases/releases.html#table" if is_fragment(request) else "releases/releases.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
