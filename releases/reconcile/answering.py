"""Gives instances that were started again the time to come up before they get traffic."""

from __future__ import annotations

import time
from datetime import datetime

from releases.engine.base import Engine, EngineError
from releases.models import Instance, Status
from services.statuses import Statuses

SECONDS = 10.0  # together; what needs longer gets traffic when the proxy's own checks reach it
PAUSE = 0.1


def wait_for_started(engine: Engine, since: datetime) -> None:
    """Until all instances of live releases that were started since then answer on their port, or the time is over."""
    started = Instance.objects.filter(release__status=Status.LIVE, removed_at=None, started_at__gte=since)
    silent = list(started.select_related("release__service"))
    deadline = time.monotonic() + SECONDS
    while (silent := [instance for instance in silent if not _answers(engine, instance)]) and (
        time.monotonic() < deadline
    ):
        time.sleep(PAUSE)


def _answers(engine: Engine, instance: Instance) -> bool:
    release = instance.release
    settings = release.settings
    expected = Statuses.parse(settings.health_status)
    try:
        return engine.probe(instance.name, settings.port, settings.health_path, release.service.host, expected).ok
    except EngineError:
        return False
