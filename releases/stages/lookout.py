"""Looks after a release that has just gone live, as long as the one before it still runs and could take over again."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from releases.answers import answers_of
from releases.engine.base import EngineError, Instance, InstanceState
from releases.models import Release, Status
from releases.proxy.base import ProxyError, Traffic
from releases.stages.base import Context, TakenBack

logger = logging.getLogger(__name__)

LOOK = 0.5  # seconds between two looks
LOOP_RESTARTS = 2  # one restart can be an accident
LOOP_ENDED = 2.0  # seconds an instance may be down before it counts as one that does not come back
# A rise is clear when there are enough answers, and the share of errors is both much larger and a multiple.
ENOUGH_ANSWERS = 20
ENOUGH_ERRORS = 10
RISE = 0.10
MULTIPLE = 2.0


class Lookout:
    """`look` whenever there is time. Opened for the release of the context, which replaced `old`."""

    def __init__(self, context: Context, old: Release) -> None:
        self._context = context
        self._old = old
        self._next = 0.0
        self._before = self._traffic(old) or Traffic(0, 0)
        self._restarts = {name: seen.restarts for name, seen in self._instances().items()}
        self._down_since: dict[str, float] = {}

    def offer_undo(self, seconds: float) -> None:
        """From now on a person may go back, at most for so long."""
        self._update(undo_until=timezone.now() + timedelta(seconds=seconds))

    def close(self) -> None:
        self._update(undo_until=None)

    def look(self) -> bool:
        """False when going back is over: another release took this one's place, or is about to. Raises TakenBack."""
        if time.monotonic() < self._next:
            return True
        self._next = time.monotonic() + LOOK
        release = self._context.release
        release.refresh_from_db(fields=["status", "undo_requested_at", "undo_requested_by"])
        in_work = Release.objects.in_work().filter(service=release.service)
        if release.status != Status.LIVE or in_work.exists():
            return False
        if release.undo_requested_at is not None:
            who = release.undo_requested_by
            raise TakenBack(f"{who.username if who else 'The command line'} went back to release #{self._old.number}.")
        instances = self._instances()
        self._look_at_instances(instances)
        self._look_at_answers(instances)
        return True

    def _look_at_instances(self, instances: Mapping[str, Instance]) -> None:
        now = time.monotonic()
        for name, seen in instances.items():
            if seen.restarts - self._restarts.get(name, 0) >= LOOP_RESTARTS:
                raise TakenBack(f"{name} ended again and again after the switch, {_code(seen.exit_code)}.")
            if seen.state is InstanceState.RUNNING:
                self._down_since.pop(name, None)
            elif now - self._down_since.setdefault(name, now) >= LOOP_ENDED:
                raise TakenBack(f"{name} ended after the switch, {_code(seen.exit_code)}, and did not come back.")

    def _look_at_answers(self, instances: Mapping[str, Instance]) -> None:
        now = self._traffic(self._context.release)
        if now is not None and clearly_worse(self._before, now):
            raise TakenBack(
                f"{self._ended(instances)}{now.errors} of its {now.answers} answers were server errors (5xx); "
                f"of release #{self._old.number} it were {self._before.errors} of {self._before.answers}."
            )

    def _ended(self, instances: Mapping[str, Instance]) -> str:
        """A sentence about an instance that ended: the proxy answers with errors while it is down."""
        for name, seen in instances.items():
            if seen.state is not InstanceState.RUNNING or seen.restarts > self._restarts.get(name, 0):
                return f"{name} ended after the switch, {_code(seen.exit_code)}. "
        return ""

    def _instances(self) -> dict[str, Instance]:
        """By name, as the engine sees them now; what it does not tell is left out."""
        found = {}
        for row in self._context.release.instances.filter(removed_at=None):
            try:
                found[row.name] = self._context.engine.inspect(row.name)
            except EngineError as error:
                logger.info("%s could not be looked at: %s", row.name, error)
        return found

    def _traffic(self, release: Release) -> Traffic | None:
        """None while the proxy does not tell."""
        try:
            return answers_of(self._context.proxy, release)
        except ProxyError as error:
            logger.info("The answers of %s could not be counted: %s", release, error)
            return None

    def _update(self, **fields: object) -> None:
        Release.objects.filter(pk=self._context.release.pk).update(**fields)


def clearly_worse(before: Traffic, now: Traffic) -> bool:
    """Whether the share of server errors of `now` is clearly above that of `before`."""
    if now.answers < ENOUGH_ANSWERS or now.errors < ENOUGH_ERRORS:
        return False
    old, new = (each.errors / max(each.answers, 1) for each in (before, now))
    return new >= old + RISE and new >= old * MULTIPLE


def _code(exit_code: int | None) -> str:
    return "with no exit code" if exit_code is None else f"with exit code {exit_code}"
