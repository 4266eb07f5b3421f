"""What only the memory proxy does: fail and stay silent on demand."""

from __future__ import annotations

import pytest

from releases.proxy.base import Answer, Open, ProxyRejected, ProxyUnavailable, Slot, Target, Traffic
from releases.proxy.memory import MemoryProxy

SLOT = Slot(1, "r1", (Target("i1", "127.0.0.1", 80),))


def test_a_call_fails_as_often_as_it_was_told_to() -> None:
    proxy = MemoryProxy()
    proxy.fail("fill", times=2)
    proxy.fail("point", ProxyRejected("Not today."))
    for _ in range(2):
        with pytest.raises(ProxyUnavailable):
            proxy.fill(SLOT)
    proxy.fill(SLOT)
    with pytest.raises(ProxyRejected, match="Not today"):
        proxy.point("a.localhost", 1)
    assert proxy.table().hosts == {}
    proxy.point("a.localhost", 1)


def test_only_calls_of_a_proxy_can_fail() -> None:
    with pytest.raises(ValueError, match="switch"):
        MemoryProxy().fail("switch")


def test_a_silent_host_gives_no_answer() -> None:
    proxy = MemoryProxy()
    proxy.fill(SLOT)
    proxy.point("a.localhost", 1)
    proxy.silent.add("a.localhost")
    assert proxy.ask("a.localhost").release is None
    proxy.silent.clear()
    assert proxy.ask("a.localhost").release == "r1"


def test_open_connections_are_counted_and_cut() -> None:
    proxy = MemoryProxy()
    proxy.fill(SLOT)
    proxy.connect(1, requests=1, long=3)
    proxy.connect(1, long=-1)
    assert proxy.open(1) == Open(requests=1, long=2)
    assert proxy.close(1, 1) == 2
    assert proxy.open(1) == Open(requests=1, long=1)
    assert proxy.close(1, 2) == 0
    proxy.connect(1, requests=2)
    proxy.empty(1)
    assert proxy.open(1) == Open()


def test_a_host_answers_as_it_was_told_to() -> None:
    proxy = MemoryProxy()
    proxy.fill(SLOT)
    proxy.point("a.localhost", 1)
    proxy.answers["a.localhost"] = Answer("r1", 200, 0.1, "the answer was cut off")
    assert proxy.ask("a.localhost").problem == "the answer was cut off"
    proxy.answers["a.localhost"] = Answer("r1", 500, 0.1)
    assert proxy.ask("a.localhost").status == 500
    proxy.serve(1, answers=10, errors=2)
    assert proxy.traffic(1) == Traffic(answers=12, errors=4)


def test_a_restart_keeps_the_routes_only() -> None:
    proxy = MemoryProxy()
    proxy.fill(SLOT)
    proxy.point("a.localhost", 1)
    proxy.connect(1, long=1)
    proxy.serve(1)
    before, table = proxy.started(), proxy.table()
    proxy.restart()
    assert proxy.started() != before
    assert (proxy.open(1), proxy.traffic(1), proxy.table()) == (Open(), Traffic(), table)


def test_checks_and_response_times_are_as_told() -> None:
    proxy = MemoryProxy()
    proxy.fill(SLOT)
    proxy.serve(1, answers=4, seconds=0.25)
    proxy.deaf.add((1, "i1"))
    served = proxy.served()[1]
    assert (served.seconds, served.answering) == (0.25, {"i1": False})
    proxy.restart()
    assert proxy.served()[1].seconds is None
