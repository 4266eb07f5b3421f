"""Retire: the previous release gets no new request; what runs on it may finish; then its instances stop."""

from __future__ import annotations

import time

from releases.engine.base import EngineError
from releases.ledger import Ledger
from releases.models import Release, ResourceKind
from releases.proxy.base import ProxyError
from releases.stages.base import Context

DRAIN = 30.0  # seconds running requests and long connections of the old release have to finish
GRACE = 10.0  # seconds between SIGTERM and SIGKILL
REPORT_EVERY = 5.0


def retire(context: Context) -> None:
    """Never fails the release: it is live. What cannot be removed now stays in the ledger for the sweep."""
    for old in _retired_with_instances(context.release):
        try:
            _drain(context, old)
        except ProxyError as error:
            context.say(f"The connections of release #{old.number} could not be counted ({error}); it is stopped now.")
        _remove(context, old)


def _retired_with_instances(release: Release) -> list[Release]:
    standing = Release.objects.filter(
        service=release.service,
        retired_at__isnull=False,
        resources__kind=ResourceKind.INSTANCE,
        resources__removed_at=None,
    )
    return list(standing.select_related("service").distinct())


def _drain(context: Context, old: Release) -> None:
    if old.slot is None:
        return
    context.say(f"Release #{old.number} gets no new requests; running ones have {DRAIN:.0f} s to finish.")
    deadline, next_report = time.monotonic() + DRAIN, time.monotonic() + REPORT_EVERY
    while (still_open := context.proxy.open(old.slot).total) and time.monotonic() < deadline:
        if context.lease.stopping():
            return
        if time.monotonic() >= next_report:
            next_report += REPORT_EVERY
            context.say(
                f"{still_open} {'connection' if still_open == 1 else 'connections'} of #{old.number} still open."
            )
        time.sleep(0.1)
    if still_open:
        context.say(f"{still_open} connections of release #{old.number} are closed at the limit.")


def _remove(context: Context, old: Release) -> None:
    try:
        removed = Ledger(old, context.engine, context.proxy).undo(GRACE)
    except (EngineError, ProxyError) as error:
        context.say(f"Release #{old.number} could not be removed yet ({error}); the platform tries again.")
        return
    if removed:
        context.say(f"Release #{old.number} is shut down.")
