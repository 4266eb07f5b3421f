"""The program that observes."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from releases.agent import presence


@pytest.mark.django_db(transaction=True)  # it writes in threads of its own
def test_it_ends_cleanly_when_told_to(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    def tell() -> None:
        deadline = time.monotonic() + 60
        while not presence.was_seen(10.0) and time.monotonic() < deadline:
            time.sleep(0.01)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)  # so that it does not interrupt the wait for the end

    teller = threading.Thread(target=tell)
    try:
        teller.start()
        call_command("agent")
        assert presence.was_seen(10.0)
    finally:
        teller.join()
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)
    assert [thread.name for thread in threading.enumerate() if "(sample)" in thread.name] == []
