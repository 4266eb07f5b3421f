"""What the operator's settings let people reach when they name a repository."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from services.repository.address import Policy


def repository_policy() -> Policy:
    """Repositories on this machine are allowed below one directory: the shipped examples', unless set otherwise."""
    local = Path(settings.LOCAL_REPOSITORIES)
    return Policy(
        state_directory=settings.DATA_DIR / "ssh",
        protocols=frozenset((*settings.GIT_PROTOCOLS, "file")),
        private_hosts=settings.GIT_PRIVATE_HOSTS,
        local_directory=local,
    )
