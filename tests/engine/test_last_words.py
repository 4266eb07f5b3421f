"""On the real engine: an instance that is removed while no agent is there loses nothing, if one is soon back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from releases.engine.base import Labels
from releases.lastwords import LastWords
from releases.ledger import Ledger
from releases.logs import reader
from releases.models import LogStream, Release, ResourceKind
from releases.proxy.memory import MemoryProxy
from tests.browser.web import database_url
from tests.engine.rigs import DockerRig
from tests.factories import make_release
from tests.settings import BASE_DIR
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]

PRINT = "trap 'echo bye; exit 0' TERM; n=0; while true; do n=$((n+1)); echo $n; sleep 0.02; done"
AGENT = [sys.executable, "manage.py", "agent", "--settings=kintohub.background"]


@contextmanager
def agent(rig: DockerRig, data: Path) -> Iterator[None]:
    """Killed at the end."""
    own = {
        "KINTOHUB_DATA": str(data),
        "KINTOHUB_DATABASE_URL": database_url(),
        "KINTOHUB_ENGINE": "docker",
        "KINTOHUB_INSTALLATION_ID": rig.installation,
        "KINTOHUB_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    with subprocess.Popen(AGENT, cwd=BASE_DIR, env={**os.environ, **own}, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def console(release: Release) -> list[str]:
    stream = LogStream.objects.filter(service=release.service).first()
    return [line.text for _, line in reader.tail(stream.pk, 50_000)] if stream else []


def test_what_was_printed_while_no_agent_was_there_is_read_before_the_removal(
    docker_rig: DockerRig, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    release = make_release()
    labels = Labels("e1", str(release.service_id), str(release.pk), "1")
    ledger = Ledger(release, docker_rig.engine, MemoryProxy())
    ledger.note(ResourceKind.INSTANCE, "web-1")
    docker_rig.start("web-1", docker_rig.base, command=PRINT, labels=labels)
    with agent(docker_rig, tmp_path):
        until(lambda: "1" in console(release))
    time.sleep(1.0)  # lines that only the engine has
    said: list[str] = []
    is_waited_for, over = threading.Event(), threading.Event()

    def say(text: str) -> None:
        said.append(text)
        is_waited_for.set()

    thread = threading.Thread(target=_come_back, args=[docker_rig, tmp_path, is_waited_for, over])
    thread.start()
    try:
        assert len(ledger.undo(3.0, LastWords(60.0, say))) == 1
    finally:
        over.set()
        is_waited_for.set()
        thread.join()
    numbers = [int(text) for text in console(release) if text.isdecimal()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert console(release).count("bye") == 1
    assert said == ["Waiting up to 60 s until the console has what web-1 printed last."]
    assert docker_rig.engine.instances() == []


def _come_back(rig: DockerRig, data: Path, is_waited_for: threading.Event, over: threading.Event) -> None:
    """A new agent, as the supervisor starts one."""
    is_waited_for.wait()
    with agent(rig, data):
        over.wait()
