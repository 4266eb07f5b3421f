"""Visitors of a public address who ask all the time, on kept connections and on new ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.stack import Stack
from tests.proxy.load import Load


@contextmanager
def visitors(stack: Stack, host: str) -> Iterator[Load]:
    """Until the block ends; the last answers are waited for."""
    running = Load(host, stack.public_port)
    threads = [threading.Thread(target=running.visit, args=("/", "GET", keep)) for keep in (True, False)]
    for thread in threads:
        thread.start()
    try:
        yield running
    finally:
        running.stop()
        for thread in threads:
            thread.join(20)
