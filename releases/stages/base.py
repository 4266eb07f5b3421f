"""What every stage gets, what it may raise, and the one way to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass, field
from typing import TypeVar

from releases.engine.base import Engine, Image
from releases.lease import Lease
from releases.ledger import Ledger
from releases.logs.writer import ReleaseLog
from releases.models import Artifact, Release, StageRun, StageStatus
from releases.proxy.base import Proxy, ProxyError
from releases.stages.console import Console
from releases.stages.prober import Prober
from services.repository.mirror import Mirror
from services.settings import ServiceSettings

T = TypeVar("T")

PATIENCE = 10.0  # seconds; a supervised proxy is back in about one
LISTEN = 0.05  # seconds between two looks at whether a call that is not answered yet is still wanted


class StageFailed(Exception):
    """The release cannot go on. The text is one sentence for the user."""


class TakenBack(Exception):
    """Traffic has to go back to the release before this one, which is live. The text is one sentence for the user."""


@dataclass
class Context:
    """One release being carried out. Stages hand what they made to the next ones in the fields with a default.

    `look_at_instances` raises StageFailed when one of them has ended since it was checked.
    """

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
    base_images: tuple[str, ...] = ()
    image: Image | None = None
    artifact: Artifact | None = None
    reused: set[str] = field(default_factory=set)
    replaced: Release | None = None
    prober: Prober | None = None
    look_at_instances: Callable[[], object] = list
    noted: str = ""

    def say(self, text: str) -> None:
        self.log.say(text)

    def note(self, text: str) -> None:
        """What the running stage waits for, beside it on the page."""
        if text != self.noted:
            running = StageRun.objects.filter(release=self.release, status=StageStatus.RUNNING)
            running.update(note=text[: StageRun.NOTE])
            self.noted = text


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


def patiently(call: Callable[[], None], lease: Lease) -> None:
    """A proxy that is being restarted is back in a moment; its calls may be repeated. Raises ProxyError at the end."""
    failures: list[ProxyError] = []

    def done() -> bool:
        try:
            call()
        except ProxyError as error:
            if not error.retryable:
                raise
            failures.append(error)
            return False
        return True

    if not wait_until(done, seconds=PATIENCE, pause=lambda _: 0.2, lease=lease):
        raise failures[-1]


def unless_stopped(call: Callable[[], T], lease: Lease) -> T:
    """The result of a call that may take seconds to be answered, and that must not use the database.

    Raises Stopped at once when somebody wants the work to end; the call then runs to its own limit, unheard.
    """
    answer: futures.Future[T] = futures.Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="unless-stopped", daemon=True).start()
    while not futures.wait([answer], LISTEN).done:
        lease.check()
    return answer.result()
