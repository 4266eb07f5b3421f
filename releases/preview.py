"""What a rollback would change, told before it is confirmed. Values of variables are never part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from releases.actions import Configuration, current, rollback_order
from releases.actions.queueing import Order
from releases.models import Release
from services.settings import ServiceSettings, Variable

LABELS = {
    "repository_url": "Repository",
    "branch": "Branch",
    "subfolder": "Subfolder",
    "language": "Language",
    "version": "Version",
    "dockerfile": "Dockerfile",
    "build_command": "Build Command",
    "start_command": "Start Command",
    "port": "Port",
    "memory_mb": "Memory in MB",
    "cpu": "CPU",
    "instances": "Instances",
    "health_path": "Health path",
    "health_status": "Expected status",
    "deploy_timeout": "Deploy timeout in seconds",
    "start_grace": "Start grace in seconds",
    "settle_count": "Settle count",
    "drain_seconds": "Drain limit in seconds",
    "undo_window": "Undo window in seconds",
}
MAX_BETWEEN = 50


@dataclass(frozen=True)
class Change:
    """One setting that differs. Empty values are shown as such by the page."""

    label: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Variables:
    """Names only."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True)
class Preview:
    """`before` is None when nothing is live. `between` are releases of other commits that would be left behind."""

    before: Release | None
    after: Release
    between: tuple[Release, ...]
    settings: tuple[Change, ...]
    variables: Variables
    builds: bool


def preview(release: Release, configuration: Configuration) -> Preview:
    """Of a rollback to `release`, compared with what counts now."""
    now, order = current(release.service), rollback_order(release, configuration)
    before = now if now is not None and now.pk != release.pk else None
    return Preview(
        before=before,
        after=release,
        between=_between(release, before),
        settings=_settings(before.settings if before else order.settings, order.settings),
        variables=_variables(before.variables if before else order.variables, order.variables),
        builds=_builds(order),
    )


def _between(release: Release, before: Release | None) -> tuple[Release, ...]:
    """Newest first, one per commit, from the one that is left to the one after the target."""
    if before is None:
        return ()
    low, high = sorted((release.number, before.number))
    rows = Release.objects.filter(service=release.service, number__gt=low, number__lte=high, live_at__isnull=False)
    commits: dict[str, Release] = {}
    for row in rows.exclude(commit_sha=release.commit_sha).order_by("-number")[:MAX_BETWEEN]:
        commits.setdefault(row.commit_sha, row)
    return tuple(commits.values())


def _settings(before: ServiceSettings, after: ServiceSettings) -> tuple[Change, ...]:
    pairs = ((label, getattr(before, name), getattr(after, name)) for name, label in LABELS.items())
    return tuple(Change(label, old, new) for label, old, new in pairs if old != new)


def _variables(before: list[Variable], after: list[Variable]) -> Variables:
    old, new = ({row.key: (row.value, row.at_build) for row in rows} for rows in (before, after))
    return Variables(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(key for key in old.keys() & new.keys() if old[key] != new[key])),
    )


def _builds(order: Order) -> bool:
    """Whether the artifact is gone, so that the same commit has to be built again."""
    return order.artifact is None or order.artifact.pruned_at is not None
