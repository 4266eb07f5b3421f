"""Drawing the form of a service: the whole page, or the part of it that Connect replaces."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from kintohub.accounts.http import AuthenticatedHttpRequest
from services.context import environment_page
from services.forms.proposals import PROPOSED
from services.forms.service import ServiceForm
from services.repository.inspection import Inspection


def draw(
    request: HttpRequest,
    form: ServiceForm,
    found: Inspection | None = None,
    page: str = "services/create.html",
    **more: Any,
) -> HttpResponse:
    """`found` is what Connect found just now, `more` what this `page` shows beside the form."""
    context = {
        **environment_page(request, form.environment),
        "form": form,
        # The page keeps the request id it was opened with.
        "request_id": request.POST.get("request_id") or uuid4(),
        "found": found,
        "connect_url": reverse("service_connect", args=[form.environment.code]),
        "proposed": {
            **_proposed_before(request),
            **{name: proposal.value for name, proposal in form.proposals.items()},
        },
        **more,
    }
    response = render(request, "services/_fields.html" if is_fragment(request) else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _proposed_before(request: HttpRequest) -> dict[str, str]:
    names = [name for name in request.POST if name.startswith(PROPOSED)]
    return {name.removeprefix(PROPOSED): request.POST[name] for name in names}


def is_fragment(request: HttpRequest) -> bool:
    """Whether a part of a page swaps itself; a boosted link or a page from the history wants all of it."""
    htmx = cast(AuthenticatedHttpRequest, request).htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
