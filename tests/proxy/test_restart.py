"""HAProxy killed and started again does what it did, and can be changed as before."""

from __future__ import annotations

import threading

import pytest

from releases.proxy.base import ProxyUnavailable, Slot, Table
from releases.proxy.haproxy import Files
from tests.proxy.apps import App
from tests.proxy.conftest import Running

pytestmark = pytest.mark.proxy

HOST = "shop-1a2b3c.localhost"


def test_it_comes_back_with_its_routes(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(1, "r1", (blue.target("i1"), blue.target("i2"))))
    proxy.fill(Slot(2, "r2", (green.target(),)))
    proxy.fill(Slot(3, "r3", (green.target(),)))
    for host, slot in ((HOST, 1), ("blog.localhost", 2), ("gone.localhost", 3)):
        proxy.point(host, slot)
    proxy.point(HOST, 2)
    proxy.forget("gone.localhost")
    proxy.empty(3)
    before = proxy.table()
    haproxy.kill()
    haproxy.start()
    assert proxy.table() == before
    assert proxy.ask(HOST).release == "r2"
    assert proxy.restore(before) == []


def test_what_it_started_with_can_be_taken_out(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(1, "r1", (blue.target("i1"), green.target("i2"))))
    proxy.point(HOST, 1)
    haproxy.kill()
    haproxy.start()
    assert haproxy.get(HOST)[0] == 200
    proxy.fill(Slot(1, "r1", (green.target("i2"), green.target("i3"))))
    assert [haproxy.get(HOST)[0] for _ in range(4)] == [200] * 4
    proxy.forget(HOST)
    proxy.empty(1)
    assert proxy._runtime.servers() == []


def test_while_it_is_down_nothing_is_changed(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    proxy.point(HOST, 1)
    haproxy.kill()
    stored = haproxy.files.table()
    calls = (
        proxy.ping,
        proxy.table,
        lambda: proxy.fill(Slot(1, "r2", (blue.target(),))),
        lambda: proxy.point(HOST, 2),
        lambda: proxy.forget(HOST),
        lambda: proxy.empty(1),
        lambda: proxy.restore(Table()),
        lambda: proxy.open(1),
        lambda: proxy.close(1, 1),
        lambda: proxy.traffic(1),
        proxy.started,
    )
    for call in calls:
        with pytest.raises(ProxyUnavailable) as caught:
            call()
        assert caught.value.retryable
    answer = proxy.ask(HOST)
    assert (answer.release, answer.status, answer.problem) == (None, None, "the connection was refused")
    assert haproxy.files.table() == stored


def test_restore_after_the_files_were_lost_behind_its_back(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(1, "r1", (blue.target(),)))
    proxy.point(HOST, 1)
    table = proxy.table()
    haproxy.files.store(Table())
    assert proxy.restore(table) == ["What HAProxy starts from was out of date and was written anew."]
    assert haproxy.files.table() == table


def test_many_threads_change_it_at_once(haproxy: Running, blue: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each works with its own proxy object and lock file handle, as processes do."""
    monkeypatch.setattr("releases.proxy.haproxy.files.LOCK_SECONDS", 60.0)  # nobody is kept from it for ever

    def deploy(number: int) -> None:
        proxy = haproxy.proxy
        proxy.fill(Slot(number, f"r{number}", (blue.target(),)))
        proxy.point(f"host-{number}.localhost", number)

    threads = [threading.Thread(target=deploy, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    table = haproxy.proxy.table()
    assert table.hosts == {f"host-{number}.localhost": number for number in range(20)}
    assert len(table.slots) == 20
    assert Files(haproxy.files.directory).table() == table


def test_a_thousand_hosts_are_restored_fast(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    slots = tuple(Slot(number, f"r{number}", (blue.target(),)) for number in range(50))
    table = Table(slots, {f"host-{number}.localhost": number % 50 for number in range(1000)})
    assert len(proxy.restore(table)) == 1051
    assert proxy.table() == table
    assert haproxy.files.table() == table
    assert proxy.ask("host-999.localhost").release == "r49"
