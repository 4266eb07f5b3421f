"""A switch loses no request and cuts nothing that is open."""

from __future__ import annotations

import http.client
import socket
import time

import pytest
import websockets.sync.client

from releases.proxy.base import Slot, Target
from releases.proxy.haproxy import HAProxy
from tests.proxy.apps import App, app_process, broken_app, echo_socket
from tests.proxy.conftest import Running
from tests.proxy.load import load

pytestmark = pytest.mark.proxy

HOST = "shop-1a2b3c.localhost"


def wait_for_drain(proxy: HAProxy, slot: int, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while proxy.open(slot).total:
        assert time.monotonic() < deadline, f"slot {slot} still has {proxy.open(slot).total} connections"
        time.sleep(0.02)


def test_twenty_switches_under_load_lose_nothing(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r0", (blue.target("i1"), blue.target("i2"))))
    proxy.point(HOST, 0)
    with load(HOST, haproxy.parameters.public_port) as visitors:
        for number in range(1, 21):
            app = green if number % 2 else blue
            proxy.fill(Slot(number, f"r{number}", (app.target("i1"), app.target("i2"))))
            proxy.point(HOST, number)
            assert proxy.ask(HOST).release == f"r{number}"
            time.sleep(0.1)
            if number >= 15:
                wait_for_drain(proxy, number - 15)
                proxy.empty(number - 15)
    assert visitors.lost == []
    assert visitors.answered > 500
    assert [slot.number for slot in proxy.table().slots] == list(range(6, 21))


def test_the_load_check_sees_a_loss(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r0", (blue.target(),)))
    proxy.point(HOST, 0)
    with load(HOST, haproxy.parameters.public_port) as visitors:
        time.sleep(0.1)
        proxy.forget(HOST)
        time.sleep(0.1)
    assert any("status 404" in problem for problem in visitors.lost)


def test_a_running_request_ends_on_the_release_it_began_with(haproxy: Running, blue: App, green: App) -> None:
    proxy, port = haproxy.proxy, haproxy.parameters.public_port
    proxy.fill(Slot(0, "r1", (blue.target(),)))
    proxy.fill(Slot(1, "r2", (green.target(),)))
    proxy.point(HOST, 0)
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    visitor.request("GET", "/slow", headers={"Host": HOST})
    time.sleep(0.2)
    proxy.point(HOST, 1)
    assert proxy.open(0).total == 1
    assert b'"blue"' in visitor.getresponse().read()
    wait_for_drain(proxy, 0, seconds=1)
    visitor.request("GET", "/", headers={"Host": HOST})
    assert b'"green"' in visitor.getresponse().read()
    visitor.close()


def test_a_websocket_survives_the_switch_until_its_slot_is_emptied(haproxy: Running, green: App) -> None:
    proxy = haproxy.proxy
    with echo_socket() as target:
        proxy.fill(Slot(0, "r1", (target,)))
        proxy.fill(Slot(1, "r2", (green.target(),)))
        proxy.point(HOST, 0)
        to_proxy = socket.create_connection(("127.0.0.1", haproxy.parameters.public_port))
        with websockets.sync.client.connect(f"ws://{HOST}/", sock=to_proxy, proxy=None) as visitor:
            visitor.send("before")
            assert visitor.recv(timeout=5) == "before"
            proxy.point(HOST, 1)
            visitor.send("after")
            assert visitor.recv(timeout=5) == "after"
            assert proxy.open(0).total == 1
            proxy.empty(0)
            with pytest.raises(websockets.exceptions.ConnectionClosedError):
                visitor.recv(timeout=5)
        assert proxy.open(0).total == 0
        assert [slot.number for slot in proxy.table().slots] == [1]


def test_a_target_that_is_taken_out_keeps_its_websocket(haproxy: Running, green: App) -> None:
    proxy = haproxy.proxy
    with echo_socket() as target:
        proxy.fill(Slot(0, "r1", (target,)))
        proxy.point(HOST, 0)
        to_proxy = socket.create_connection(("127.0.0.1", haproxy.parameters.public_port))
        with websockets.sync.client.connect(f"ws://{HOST}/", sock=to_proxy, proxy=None) as visitor:
            proxy.fill(Slot(0, "r1", (green.target(),)))
            assert proxy.table().slots == (Slot(0, "r1", (green.target(),)),)
            assert haproxy.get(HOST)[0] == 200
            visitor.send("still there")
            assert visitor.recv(timeout=5) == "still there"
        proxy.fill(Slot(0, "r1", (green.target(),)))
        assert "r1.ws" not in {server.name for server in proxy._runtime.servers()}


def test_all_instances_get_requests(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r1", (blue.target("i1"), green.target("i2"))))
    proxy.point(HOST, 0)
    bodies = "".join(haproxy.get(HOST)[1] for _ in range(10))
    assert "blue" in bodies and "green" in bodies


def test_a_dead_instance_costs_no_visitor_an_answer(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r1", (blue.target("i1"), green.target("i2"))))
    proxy.point(HOST, 0)
    green.server.shutdown()
    green.server.server_close()
    for method in ("GET", "POST") * 15:
        began = time.monotonic()
        assert haproxy.get(HOST, method=method)[0] == 200
        assert time.monotonic() - began < 0.9, "HAProxy waits for 1 s before it asks the same instance again"


def test_a_killed_instance_under_load_costs_no_request_that_may_be_repeated(haproxy: Running, blue: App) -> None:
    """Requests that were on their way to it are sent to the other one; only what it may have acted on is not."""
    proxy = haproxy.proxy
    with app_process("green") as (green, process):
        proxy.fill(Slot(0, "r1", (blue.target("i1"), green)))
        proxy.point(HOST, 0)
        with load(HOST, haproxy.parameters.public_port) as visitors:
            time.sleep(1.3)
            process.kill()
            time.sleep(1)
    assert visitors.answered > 100
    assert [problem for problem in visitors.lost if not problem.startswith("POST")] == []


def test_only_requests_that_may_be_repeated_are_sent_to_another_instance(haproxy: Running, blue: App) -> None:
    """The connection is taken and the request read, so the application may have acted on it."""
    proxy = haproxy.proxy
    with broken_app() as broken:
        proxy.fill(Slot(0, "r1", (blue.target("i1"), broken)))
        proxy.point(HOST, 0)
        assert [haproxy.get(HOST)[0] for _ in range(10)] == [200] * 10
        assert {haproxy.get(HOST, method="POST")[0] for _ in range(10)} == {200, 502}


def test_a_dead_instance_leaves_within_a_second_without_any_visitor(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r1", (blue.target("i1"), green.target("i2"))))
    green.server.shutdown()
    green.server.server_close()
    time.sleep(1.1)
    rows = proxy._runtime.ask("show stat slot_00000 4 -1").splitlines()
    assert [row.split(",")[17] for row in rows if row.startswith("slot_")] == ["UP", "DOWN"]


def test_an_instance_that_comes_back_serves_again(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    closed = Target("i1", "127.0.0.1", 9)
    proxy.fill(Slot(0, "r1", (closed,)))
    proxy.point(HOST, 0)
    status, body, headers = haproxy.get(HOST)
    assert (status, headers["retry-after"]) == (503, "5")
    assert "no instance of this service answers" in body
    proxy.fill(Slot(0, "r1", (blue.target("i1"),)))
    assert haproxy.get(HOST)[0] == 200
