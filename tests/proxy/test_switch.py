"""A switch loses no request and cuts nothing that is open."""

from __future__ import annotations

import http.client
import socket
import time
from functools import partial

import pytest
import websockets.sync.client

from releases.proxy.base import Open, Slot, Target
from tests.proxy.apps import App, app, app_process, broken_app, echo_socket
from tests.proxy.conftest import Running
from tests.proxy.load import load
from tests.waiting import assert_becomes

pytestmark = pytest.mark.proxy

HOST = "shop-1a2b3c.localhost"


def test_twenty_switches_under_load_lose_nothing(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r0", (blue.target("i1"), blue.target("i2"))))
    proxy.point(HOST, 0)
    with load(HOST, haproxy.parameters.public_port) as visitors:
        for number in range(1, 21):
            newer = green if number % 2 else blue
            proxy.fill(Slot(number, f"r{number}", (newer.target("i1"), newer.target("i2"))))
            proxy.point(HOST, number)
            assert proxy.ask(HOST).release == f"r{number}"
            visitors.wait_for(20)
            if number >= 15:
                assert_becomes(partial(proxy.open, number - 15), Open())
                proxy.empty(number - 15)
    assert visitors.lost == []
    assert [slot.number for slot in proxy.table().slots] == list(range(6, 21))


def test_the_load_check_sees_a_loss(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r0", (blue.target(),)))
    proxy.point(HOST, 0)
    with load(HOST, haproxy.parameters.public_port) as visitors:
        visitors.wait_for(10)
        proxy.forget(HOST)
        assert_becomes(lambda: any("status 404" in problem for problem in visitors.lost), True)


def test_a_running_request_ends_on_the_release_it_began_with(haproxy: Running, blue: App, green: App) -> None:
    proxy, port = haproxy.proxy, haproxy.parameters.public_port
    proxy.fill(Slot(0, "r1", (blue.target(),)))
    proxy.fill(Slot(1, "r2", (green.target(),)))
    proxy.point(HOST, 0)
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    visitor.request("GET", "/held", headers={"Host": HOST})
    assert_becomes(lambda: proxy.open(0).total, 1)
    proxy.point(HOST, 1)
    assert proxy.open(0).total == 1
    blue.go.set()
    assert b'"blue"' in visitor.getresponse().read()
    assert_becomes(lambda: proxy.open(0), Open())
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
            assert visitor.recv(timeout=30) == "before"
            proxy.point(HOST, 1)
            visitor.send("after")
            assert visitor.recv(timeout=30) == "after"
            assert proxy.open(0).total == 1
            proxy.empty(0)
            with pytest.raises(websockets.exceptions.ConnectionClosedError):
                visitor.recv(timeout=30)
        assert_becomes(lambda: proxy.open(0), Open())
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
            assert visitor.recv(timeout=30) == "still there"
        assert_becomes(lambda: proxy.open(0), Open())
        proxy.fill(Slot(0, "r1", (green.target(),)))
        assert "r1.ws" not in {server.name for server in proxy._runtime.servers()}


def test_all_instances_get_requests(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r1", (blue.target("i1"), green.target("i2"))))
    proxy.point(HOST, 0)
    bodies = "".join(haproxy.get(HOST)[1] for _ in range(10))
    assert "blue" in bodies and "green" in bodies


def slowest_beside_a_dead_instance(haproxy: Running, blue: App) -> float:
    """Seconds, of thirty requests that were all answered."""
    times = []
    with app("green") as green:
        haproxy.proxy.fill(Slot(0, "r1", (blue.target("i1"), green.target("i2"))))
        haproxy.proxy.point(HOST, 0)
        green.server.shutdown()
        green.server.server_close()
        for method in ("GET", "POST") * 15:
            began = time.monotonic()
            assert haproxy.get(HOST, method=method)[0] == 200
            times.append(time.monotonic() - began)
    return max(times)


def test_a_dead_instance_costs_no_visitor_an_answer(haproxy: Running, blue: App) -> None:
    """HAProxy waits for 1 s before it asks the same instance again. A busy machine is not taken for that."""
    assert any(slowest_beside_a_dead_instance(haproxy, blue) < 0.9 for _ in range(3))


def test_a_killed_instance_under_load_costs_no_request_that_may_be_repeated(haproxy: Running, blue: App) -> None:
    """Requests that were on their way to it are sent to the other one; only what it may have acted on is not."""
    proxy = haproxy.proxy
    with app_process("green") as (green, process):
        proxy.fill(Slot(0, "r1", (blue.target("i1"), green)))
        proxy.point(HOST, 0)
        with load(HOST, haproxy.parameters.public_port) as visitors:
            visitors.wait_for(100)
            process.kill()
            visitors.wait_for(100)
    assert [problem for problem in visitors.lost if not problem.startswith("POST")] == []


def test_only_requests_that_may_be_repeated_are_sent_to_another_instance(haproxy: Running, blue: App) -> None:
    """The connection is taken and the request read, so the application may have acted on it."""
    proxy = haproxy.proxy
    with broken_app() as broken:
        proxy.fill(Slot(0, "r1", (blue.target("i1"), broken)))
        proxy.point(HOST, 0)
        assert [haproxy.get(HOST)[0] for _ in range(10)] == [200] * 10
        assert {haproxy.get(HOST, method="POST")[0] for _ in range(10)} == {200, 502}


def test_a_dead_instance_leaves_without_any_visitor(haproxy: Running, blue: App, green: App) -> None:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r1", (blue.target("i1"), green.target("i2"))))
    green.server.shutdown()
    green.server.server_close()

    def statuses() -> list[str]:
        rows = proxy._runtime.ask("show stat slot_00000 4 -1").splitlines()
        return [row.split(",")[17] for row in rows if row.startswith("slot_")]

    assert_becomes(statuses, ["UP", "DOWN"])


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
