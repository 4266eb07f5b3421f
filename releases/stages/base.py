"""What every stage gets, what it may raise, and the one way to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from releases.dockerfile.plan import BuildPlan
from releases.engine.base import Engine, Image
from releases.lease import Lease
from releases.ledger import Ledger
from releases.logs.writer import ReleaseLog
from releases.models import Release
from releases.proxy.base import Proxy
from releases.stages.console import Console
from services.repository.mirror import Mirror
from services.settings import ServiceSettings


class StageFailed(Exception):
    """The release cannot go on. The text is one sentence for the user."""


class Reused(Exception):
    """Not an error: the stage found its result ready-made."""


@dataclass
class Context:
    """One release being carried out. Stages hand what they made to the next ones: `mirror`, `plan`, `image`."""

    release: Release
    settings: ServiceSettings
    engine: Engine
    proxy: Proxy
    log: ReleaseLog
    ledger: Ledger
    lease: Lease
    console: Console
    mirror: Mirror | None = None
    plan: BuildPlan | None = None
    image: Image | None = None
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
