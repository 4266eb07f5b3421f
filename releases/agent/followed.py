"""One instance that the agent follows: what it prints and what happens to it, in the order of their times."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field

from releases.agent.console import ConsoleLog
from releases.agent.origins import Origin
from releases.agent.words import sentence
from releases.engine.observing import Event, Happening, Printed

PENDING = 100


@dataclass
class Followed:
    """News waits for what was printed before it, which the engine may bring a moment later."""

    id: str
    origin: Origin
    console: ConsoleLog
    has_ended: bool = False
    _pending: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=PENDING))

    def happened(self, event: Event) -> bool:
        """Returns whether there are words for it, which `tell` will say."""
        text = sentence(event, self.origin.source, self.has_ended)
        self.has_ended |= event.happening is Happening.ENDED
        if text:
            self._pending.append((event.time, text))
        return bool(text)

    def printed(self, batch: list[Printed]) -> None:
        rest = 0
        for at, printed in enumerate(batch):
            if self._pending and self._pending[0][0] < printed.place.time:
                self.console.feed(self.id, batch[rest:at])
                self.tell(printed.place.time)
                rest = at
        self.console.feed(self.id, batch[rest:])

    def read_out(self) -> None:
        """It does not run, and all that it printed was told: so nothing that happened has to wait for more."""
        self.tell(time.time_ns())
        self.console.read_out(self.id)

    def tell(self, before: int) -> None:
        """Say what happened before this time in ns."""
        while self._pending and self._pending[0][0] < before:
            at, text = self._pending.popleft()
            self.console.happened(self.id, at, text)
