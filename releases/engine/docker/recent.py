"""What the engine said a moment ago, for those who ask a hundred times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

SECONDS = 0.1

Details = dict[str, Any]


class Recent:
    """Each answer serves for a tenth of a second: while an application starts, the processor is better left to it."""

    def __init__(self, ask: Callable[[str], Details]) -> None:
        self._ask = ask
        self._kept: dict[str, tuple[float, Details]] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Details:
        """Raises what asking raises. That it does not run is never an old answer."""
        now = time.monotonic()
        with self._lock:
            self._kept = {key: kept for key, kept in self._kept.items() if now - kept[0] < SECONDS}
            if name in self._kept:
                return self._kept[name][1]
        details = self._ask(name)
        if details["State"]["Running"]:
            with self._lock:
                self._kept[name] = (now, details)
        return details
