"""The program that observes."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_it_ends_cleanly_when_told_to() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    def tell() -> None:
        deadline = time.monotonic() + 10
        while signal.getsignal(signal.SIGTERM) == before[0] and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    teller = threading.Thread(target=tell)
    try:
        teller.start()
        call_command("agent")
    finally:
        teller.join()
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)
    assert [thread.name for thread in threading.enumerate() if "(sample)" in thread.name] == []
