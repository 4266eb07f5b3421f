"""Take back: the release before, which still runs, gets the traffic again by one move of the route."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from releases.models import Release, Stage, Status
from releases.proxy.base import ProxyError
from releases.stages.base import Context, patiently
from releases.stages.draining import drain

LONGEST_DRAIN = 15.0  # seconds for what still runs on the release that is given up


def take_back(context: Context, reason: str) -> None:
    """The release ends Failed with this reason, and the one it replaced is live again. Raises WrongStatus, ProxyError.

    The rows change first: they are what a restarted platform, and the comparison with the proxy, go by.
    """
    release, old = context.release, context.replaced
    assert old is not None  # noqa: S101 - only a release that replaced one is taken back
    now = timezone.now()
    with transaction.atomic():
        release.transition(
            Status.LIVE, Status.FAILED, failed_stage=Stage.RETIRE, reason=reason, taken_back_at=now, finished_at=now
        )
        old.transition(Status.RETIRED, Status.LIVE, retired_at=None)
    patiently(lambda: _point(context, old), context.lease)
    context.say(f"{reason} Traffic is back on release #{old.number}.")


def let_finish(context: Context) -> None:
    """What still runs on the release that was given up. Raises Stopped."""
    try:
        drain(context, context.release, min(context.settings.drain_seconds, LONGEST_DRAIN), lambda: None)
    except ProxyError as error:
        context.say(f"The connections of this release cannot be counted ({error}).")


def _point(context: Context, old: Release) -> None:
    assert old.slot is not None  # noqa: S101 - it has instances, and so it has a slot
    context.proxy.point(old.service.host, old.slot)
