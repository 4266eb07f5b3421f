"""Watches one new instance until it has answered a number of times in a row."""

from __future__ import annotations

import time
from collections.abc import Callable

from releases.engine.base import Instance as Seen
from releases.engine.base import InstanceState
from releases.models import Instance
from releases.stages.attempts import Attempts
from releases.stages.base import Context, StageFailed, wait_until
from services.statuses import Statuses

# Seconds between two successes that count. A program that opens its port and dies at once does not pass; one that never
# answers a request is found before the switch, when it is asked through the proxy.
SETTLE_PAUSE = 0.025
DEATH_LOOK = 0.5  # seconds between two looks at whether an instance that does not answer still runs


class Watch:
    """Made in the stage's own thread, because it reads the database; `settle` may run in another one.

    `is_over` tells that another instance has failed and that nobody waits for this one any more.
    """

    def __init__(self, context: Context, instance: Instance, is_over: Callable[[], bool]) -> None:
        settings = context.settings
        self.label = f"{context.release.service.name}-{instance.index}"
        self.question = f"on port {settings.port}"
        if settings.health_path:
            self.question += f" at {settings.health_path} with {settings.health_status}"
        self._context = context
        self._instance = instance
        self._name = instance.name
        self._host = context.release.service.host
        self._expected = Statuses.parse(settings.health_status)
        self._is_over = is_over
        self._attempts = Attempts(self.label, context.say)
        self._begun = time.monotonic()
        self._successes = self._restarts = 0
        self._next_look = 0.0
        self._last = "no attempt was made"
        self._address = ""
        self._answered = False

    def settle(self) -> None:
        """Raises StageFailed when it ends, or does not answer in time; Stopped."""
        settings = self._context.settings
        left = self._begun + settings.start_grace + settings.deploy_timeout - time.monotonic()
        self._successes = 0
        try:
            ready = wait_until(self._settled, seconds=left, pause=self._pause, lease=self._context.lease)
        finally:
            self._attempts.close()
        if not ready:
            raise StageFailed(self._too_late())
        if not self._is_over():
            self._context.say(f"{self.label} is ready after {time.monotonic() - self._begun:.1f} s.")

    def look(self) -> None:
        """Whether it still runs, at most twice a second. Raises StageFailed when it has ended."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + DEATH_LOOK
            self.still_runs()

    def still_runs(self) -> bool:
        """False when it was started again, within its grace. Raises StageFailed when it was not to end any more."""
        seen = self._context.engine.inspect(self._name)
        if seen.state is InstanceState.RUNNING and seen.restarts == self._restarts:
            self._address = seen.address
            return True
        if time.monotonic() - self._begun >= self._context.settings.start_grace:
            self._context.console.finish()
            raise StageFailed(self._death(seen))
        if seen.restarts != self._restarts:
            self._restarts = seen.restarts
            self._context.say(f"{self.label} ended and was started again, within its grace.")
        return False

    def keep_address(self) -> None:
        """For the proxy: one that ended right after its first start had none then."""
        if self._instance.address != self._address:
            self._instance.address = self._address
            self._instance.save(update_fields=["address"])

    def _settled(self) -> bool:
        if self._is_over():
            return True
        settings = self._context.settings
        probe = self._context.engine.probe(self._name, settings.port, settings.health_path, self._host, self._expected)
        self._attempts.add(probe)
        self._last = probe.text
        if probe.ok:
            self._successes += 1
            self._answered = True
            return self._successes >= settings.settle_count
        if self._successes:
            self._next_look = 0.0
        self.look()
        self._successes = 0
        return False

    def _pause(self, elapsed: float) -> float:
        """10 ms in the first second, then 100 ms (measured-builds 3.3: 9 ms lag, against 880 ms for HEALTHCHECK)."""
        if self._successes:
            return SETTLE_PAUSE
        return 0.01 if elapsed < 1 else 0.1

    def _too_late(self) -> str:
        settings = self._context.settings
        limit = f"within {settings.deploy_timeout} seconds"
        if settings.start_grace:
            limit += f" after its grace of {settings.start_grace}"
        if self._answered:
            return f"{self.label} did not answer {self.question} {settings.settle_count} times in a row {limit}."
        return f"{self.label} did not answer {self.question} {limit}: {self._last}."

    def _death(self, seen: Seen) -> str:
        how = f"with exit code {seen.exit_code}" if seen.exit_code is not None else "and was started again"
        memory = " It ran out of memory." if seen.out_of_memory else ""
        if self._answered:
            return f"{self.label} ended {how} after it had answered {self.question}: it has to go on running.{memory}"
        return f"{self.label} ended {how} before it answered {self.question}.{memory}"
