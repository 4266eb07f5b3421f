"""What only the memory proxy does: fail and stay silent on demand."""

from __future__ import annotations

import pytest

from releases.proxy.base import ProxyRejected, ProxyUnavailable, Slot, Target
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
    assert proxy.answering("a.localhost") is None
    proxy.silent.clear()
    assert proxy.answering("a.localhost") == "r1"


def test_open_connections_are_counted_and_cut() -> None:
    proxy = MemoryProxy()
    proxy.fill(SLOT)
    proxy.open(1, 3)
    proxy.open(1, -1)
    assert proxy.connections(1) == 2
    proxy.empty(1)
    assert proxy.connections(1) == 0
