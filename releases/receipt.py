"""What became of everything a release had made, when it ended without going live: read from its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from releases.models import Artifact, Release, ResourceKind, Status

ENDED = (Status.ABORTING, Status.ABORTED, Status.FAILED)


class Fate(StrEnum):
    REMOVED = "removed"
    KEPT = "kept"
    STANDS = "stands"


@dataclass(frozen=True)
class Line:
    """`kind` in words."""

    kind: str
    name: str
    fate: Fate


@dataclass(frozen=True)
class Receipt:
    """`took` is the time from the press on Abort to the end; None without one, and before the end."""

    lines: tuple[Line, ...]
    took: timedelta | None

    @property
    def is_complete(self) -> bool:
        return all(line.fate is not Fate.STANDS for line in self.lines)


def receipt_of(release: Release) -> Receipt | None:
    """None for a release that is under way, waits, or was live."""
    if release.status not in ENDED:
        return None
    rows = list(release.resources.order_by("pk"))
    images = [row.name for row in rows if row.kind == ResourceKind.IMAGE]
    # An image that was stored is struck off the ledger too, but it is not gone: it belongs to its artifact.
    stored = set(Artifact.objects.filter(name__in=images, pruned_at=None).values_list("name", flat=True))
    lines = (
        Line(row.get_kind_display(), row.name, _fate(gone=row.removed_at is not None, stored=row.name in stored))
        for row in rows
    )
    return Receipt(tuple(lines), _took(release))


def _fate(*, gone: bool, stored: bool) -> Fate:
    if stored:
        return Fate.KEPT
    return Fate.REMOVED if gone else Fate.STANDS


def _took(release: Release) -> timedelta | None:
    asked, ended = release.abort_requested_at, release.finished_at
    return ended - asked if asked and ended else None
