"""What every stage gets, what it may raise, and the one way to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from releases.engine.base import Engine, Image
from releases.lease import Lease
from releases.ledger import Ledger
from releases.logs.writer import ReleaseLog
from releases.models import Artifact, Release
from releases.proxy.base import Proxy
from releases.stages.console import Console
from services.repository.mirror import Mirror
from services.settings import ServiceSettings


class StageFailed(Exception):
    """The release cannot go on. The text is one sentence for the user."""


@dataclass
class Context:
    """One release being carried out. Stages hand what they made to the next ones in the fields with a default."""

    release: Release
    settings: ServiceSettings
    engine: Engine
    proxy: Proxy
    log: ReleaseLog
    ledger: Ledger
    lease: Lease
    console: Console
    mirror: Mirror | None = None
    build_key: str = ""
    image: Image | None = None
    artifact: Artifact | None = None
    reused: set[str] = field(default_factory=set)

    def say(self, text: str) -> None:
        self.log.say(text)


def wait_until(done: Callable[[], bool], *, seconds: float, pause: Callable[[float], float], lease: Lease) -> bool:
    """Ask `done` until it is true (True) or the time is over (False). `pause` gives the wait after so many seconds.

    Raises Stopped when somebody wants the work to end.
    """
    begun = time.monotonic()
    while True:
        lease.check()
        if done():
            return True
        elapsed = time.monotonic() - begun
        if elapsed >= seconds:
            return False
        time.sleep(min(pause(elapsed), seconds - elapsed))
