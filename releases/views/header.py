"""Context of the header and tabs that every page of a service has."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from releases.models import Release, Status
from services.context import service_page
from services.models import Service

# Encrypted and large: decrypting them for a row of a list would be most of its cost.
FROZEN = ("frozen", "frozen_variables", "frozen_credentials")
# Lists say the cause in its sentence; lines and offers are for the release's own page.
UNTOLD = ("diagnosis__evidence", "diagnosis__shortcuts")


def service_header(request: HttpRequest, service: Service, tab: str) -> dict[str, Any]:
    """For `services/_service_header.html`; `tab` is `overview`, `releases`, `settings` or none of them."""
    releases = Release.objects.for_list().defer(*FROZEN, *UNTOLD).filter(service=service)
    newest = releases.first()
    suspended = releases.filter(status=Status.SUSPENDED).first()
    return {
        **service_page(request, service, tab),
        "newest": newest,
        "suspended": suspended,
        "state": state_of(newest, suspended),
        "request_id": uuid4(),
    }


def state_of(newest: Release | None, suspended: Release | None) -> str:
    """The status to show for a whole service: a suspended one stays so until a release of it is in work again."""
    if suspended is not None and (newest is None or newest.is_finished):
        return Status.SUSPENDED
    return newest.status if newest else ""
