"""Retire: what the new release replaced finishes its requests, waits for a possible way back, and stops."""

from __future__ import annotations

from collections.abc import Callable

from releases.engine.base import EngineError
from releases.lastwords import PATIENCE, LastWords
from releases.ledger import Ledger
from releases.models import Release, ResourceKind
from releases.proxy.base import ProxyError
from releases.stages.base import Context
from releases.stages.draining import drain
from releases.stages.lookout import Lookout
from releases.stages.warm import keep_warm

GRACE = 10.0  # seconds between SIGTERM and SIGKILL


def retire(context: Context) -> None:
    """What cannot be removed now stays in the ledger for the sweep. Raises TakenBack when it is better to go back."""
    for old in _retired_with_instances(context.release):
        if old == context.replaced and context.settings.undo_window:
            _let_go_slowly(context, old)
        else:
            _drain(context, old, lambda: None)
        _remove(context, old)


def _retired_with_instances(release: Release) -> list[Release]:
    """The one that was replaced last comes last: it may be kept for a while."""
    standing = Release.objects.filter(
        service=release.service,
        retired_at__isnull=False,
        resources__kind=ResourceKind.INSTANCE,
        resources__removed_at=None,
    )
    return list(standing.exclude(pk=release.pk).select_related("service").distinct().order_by("retired_at"))


def _let_go_slowly(context: Context, old: Release) -> None:
    lookout = Lookout(context, old)
    lookout.offer_undo(context.settings.drain_seconds + context.settings.undo_window)
    try:
        _drain(context, old, lookout.look)
        keep_warm(context, old, lookout)
    finally:
        lookout.close()


def _drain(context: Context, old: Release, meanwhile: Callable[[], object]) -> None:
    try:
        drain(context, old, context.settings.drain_seconds, meanwhile)
    except ProxyError as error:
        context.say(f"The connections of release #{old.number} cannot be counted ({error}).")


def _remove(context: Context, old: Release) -> None:
    try:
        words = LastWords(PATIENCE, context.say)
        removed = Ledger(old, context.engine, context.proxy).undo(GRACE, words)
    except (EngineError, ProxyError) as error:
        context.say(f"Release #{old.number} could not be removed yet ({error}); the platform tries again.")
        return
    if removed:
        context.say(f"Release #{old.number} is shut down.")
