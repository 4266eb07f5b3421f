"""Where a service's copy of its repository lies."""

from __future__ import annotations

from django.conf import settings

from services.repository.mirror import Mirror


def mirror_of(service_id: int) -> Mirror:
    return Mirror(settings.DATA_DIR / "repositories" / f"{service_id}.git")
