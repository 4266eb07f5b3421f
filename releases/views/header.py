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
    serving = releases.filter(status__in=(Status.LIVE, Status.SUSPENDED)).first()
    return {
        **service_page(request, service, tab),
        "newest": newest,
        "suspended": serving if serving and serving.status == Status.SUSPENDED else None,
        "state": state_of(newest, serving),
        "missed": missed_of(newest, serving),
        "request_id": uuid4(),
    }


def state_of(newest: Release | None, serving: Release | None) -> str:
    """The status to show for a whole service: of what is in work, else of what is live or suspended, else of the last.

    A deploy that failed takes nothing from visitors while another release serves them.
    """
    shown = newest if newest and not newest.is_finished else serving or newest
    return shown.status if shown else ""


def missed_of(newest: Release | None, serving: Release | None) -> Release | None:
    """The newest release, where it ended and an older one serves."""
    return newest if newest and serving and newest.is_finished and newest.pk != serving.pk else None
