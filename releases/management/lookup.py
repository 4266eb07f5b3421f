"""Finds what a command's release number names."""

from __future__ import annotations

from django.core.management.base import CommandError

from releases.models import Release
from services.models import Service


def find_release(service: Service, number: int) -> Release:
    """Raises CommandError."""
    releases = Release.objects.select_related("service__environment", "artifact")
    release = releases.filter(service=service, number=number).first()
    if release is None:
        raise CommandError(f"{service.environment.name}/{service.name} has no release #{number}.")
    return release


def find_unfinished(service: Service) -> Release:
    """The one that is not finished. Raises CommandError when there is none, or when a number has to choose."""
    releases = list(Release.objects.unfinished().filter(service=service).order_by("number")[:20])
    if not releases:
        raise CommandError(f"No release of {service.environment.name}/{service.name} is queued or being deployed.")
    if len(releases) > 1:
        choices = ", ".join(f"#{release.number} ({release.get_status_display()})" for release in releases)
        raise CommandError(f"Several releases are not finished. Give the number of one: {choices}.")
    return releases[0]
