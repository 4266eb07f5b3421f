"""What HAProxy's statistics say of slots, on a real one: times, and targets that do not answer."""

from __future__ import annotations

import time

import pytest

from releases.proxy.base import Slot, Target
from tests.proxy.apps import App
from tests.proxy.conftest import Running, free_port

pytestmark = pytest.mark.proxy

HOST = "shop-1a2b3c.localhost"


def test_the_time_until_an_answer_began_is_averaged(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    proxy.point(HOST, 1)
    assert proxy.ask(HOST, "/slow").status == 200
    once = proxy.served()[1].seconds
    assert once is not None and 0.9 < once < 3
    for _ in range(3):
        proxy.ask(HOST)
    after = proxy.served()[1].seconds
    assert after is not None and 0.15 < after < once / 2


def test_a_target_that_nobody_listens_at_is_not_answering(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(1, "r1", (blue.target("i1"), Target("i2", "127.0.0.1", free_port()))))
    deadline = time.monotonic() + 10
    while proxy.served()[1].answering.get("i2") is not False and time.monotonic() < deadline:
        time.sleep(0.1)
    assert proxy.served()[1].answering == {"i1": True, "i2": False}
