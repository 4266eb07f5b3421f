"""Context of the header and tabs that every page of a service has."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from releases.models import Release
from services.context import service_page
from services.models import Service

# Encrypted and large: decrypting them for a row of a list would be most of its cost.
FROZEN = ("frozen", "frozen_variables", "frozen_credentials")


def service_header(request: HttpRequest, service: Service, tab: str) -> dict[str, Any]:
    """For `services/_service_header.html`; `tab` is `overview` or `releases`."""
    newest = Release.objects.for_list().defer(*FROZEN).filter(service=service).first()
    return {**service_page(request, service, tab), "newest": newest, "request_id": uuid4()}
