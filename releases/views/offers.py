"""What a person may do with one release now: which actions its menu and its page offer."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from releases.actions import may_roll_back_to, may_undo
from releases.models import Release, Status

ABORTABLE = (Status.QUEUED, Status.DEPLOYING)


@dataclass(frozen=True)
class Offers:
    edit: bool
    rollback: bool
    abort: bool
    undo: bool


def offers_of(release: Release, may_deploy: bool) -> Offers:
    return Offers(
        edit=may_deploy,
        rollback=may_deploy and may_roll_back_to(release),
        abort=may_deploy and release.status in ABORTABLE,
        undo=may_deploy and release.undo_until is not None and may_undo(release),
    )


def way_back(release: Release) -> Release | None:
    """Of a live release: the one that was live before it, if it can be rolled back to."""
    if release.status != Status.LIVE:
        return None
    before = Release.objects.filter(service=release.service, status=Status.RETIRED, live_at__isnull=False)
    return before.order_by(F("live_at").desc(), "-number").only("number", "service").first()
