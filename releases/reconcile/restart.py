"""Notices that the proxy was started anew, so that its routes are compared at once and not by the next full run."""

from __future__ import annotations

import logging
import threading

from releases import platform
from releases.alone import Busy
from releases.proxy.base import ProxyError
from releases.reconcile.finding import Finding
from releases.reconcile.run import reconcile_routes

logger = logging.getLogger(__name__)


class Watch:
    """One worker's memory of the run it has last seen. A new worker has seen none, so its first look compares too."""

    def __init__(self) -> None:
        self._seen = ""
        self._looking = threading.Lock()

    def look(self) -> list[Finding]:
        """What was repaired after a restart; nothing without one. While the proxy is silent the next look decides."""
        with self._looking:
            try:
                run = platform.proxy().started()
                if run == self._seen:
                    return []
                found = reconcile_routes()
            except (ProxyError, Busy) as error:
                logger.info("The proxy's routes could not be compared yet: %s", error)
                return []
            self._seen = run
            return found
