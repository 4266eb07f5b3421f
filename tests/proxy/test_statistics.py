"""What HAProxy's statistics say of slots, on a real one: times, and targets that do not answer."""

from __future__ import annotations

import pytest

from releases.proxy.base import Slot, Target, Traffic
from tests.proxy.apps import App
from tests.proxy.conftest import Running, free_port
from tests.waiting import assert_becomes

pytestmark = pytest.mark.proxy

HOST = "shop-1a2b3c.localhost"


def test_the_time_until_an_answer_began_is_averaged(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    proxy.point(HOST, 1)
    assert proxy.ask(HOST, "/slow").status == 200
    assert_becomes(lambda: proxy.traffic(1), Traffic(answers=1))
    once = proxy.served()[1].seconds
    assert once is not None and 0.9 < once < 20
    quick = sum(proxy.ask(HOST).seconds for _ in range(3))
    assert_becomes(lambda: proxy.traffic(1), Traffic(answers=4))
    after = proxy.served()[1].seconds
    assert after is not None and once / 4 - 0.01 < after < (once + quick) / 4 + 0.01


def test_a_target_that_nobody_listens_at_is_not_answering(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(1, "r1", (blue.target("i1"), Target("i2", "127.0.0.1", free_port()))))
    assert_becomes(lambda: proxy.served()[1].answering, {"i1": True, "i2": False})
