"""What is open in a slot: counted by kind, and ended one by one."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosed

from releases.proxy.base import Open, Slot, Traffic
from releases.proxy.haproxy import sessions
from tests.proxy.apps import App, answers_with, echo_socket
from tests.proxy.conftest import Running
from tests.waiting import assert_becomes

pytestmark = pytest.mark.proxy

HOST, OTHER = "shop-1a2b3c.localhost", "blog-1a2b3c.localhost"


@contextmanager
def web_sockets(haproxy: Running, host: str, count: int) -> Iterator[list[websockets.sync.client.ClientConnection]]:
    """So many open ones, each of which has echoed."""
    with ExitStack() as stack:
        made = []
        for _ in range(count):
            to_proxy = socket.create_connection(("127.0.0.1", haproxy.parameters.public_port))
            made.append(stack.enter_context(websockets.sync.client.connect(f"ws://{host}/", sock=to_proxy, proxy=None)))
            assert echoes(made[-1])
        yield made


def echoes(visitor: websockets.sync.client.ClientConnection) -> bool:
    try:
        visitor.send("hello")
        return visitor.recv(timeout=30) == "hello"
    except ConnectionClosed:
        return False


def test_requests_and_long_connections_are_told_apart(haproxy: Running, blue: App) -> None:
    proxy = haproxy.proxy
    with echo_socket() as target, web_sockets_and_a_request(haproxy, blue, target):
        assert_becomes(lambda: proxy.open(0), Open(requests=0, long=2))
        assert_becomes(lambda: proxy.open(1), Open(requests=1, long=0))
        blue.go.set()
        assert_becomes(lambda: proxy.open(1), Open())


@contextmanager
def web_sockets_and_a_request(haproxy: Running, blue: App, target: object) -> Iterator[None]:
    proxy = haproxy.proxy
    proxy.fill(Slot(0, "r1", (target,)))  # type: ignore[arg-type]
    proxy.fill(Slot(1, "r2", (blue.target(),)))
    proxy.point(HOST, 0)
    proxy.point(OTHER, 1)
    with web_sockets(haproxy, HOST, 2):
        visitor = http.client.HTTPConnection("127.0.0.1", haproxy.parameters.public_port, timeout=60)
        visitor.request("GET", "/held", headers={"Host": OTHER})
        yield
        assert visitor.getresponse().status == 200
        visitor.close()


def test_some_are_closed_and_no_other_slot_is_touched(haproxy: Running) -> None:
    proxy = haproxy.proxy
    with echo_socket() as target:
        proxy.fill(Slot(0, "r1", (target,)))
        proxy.fill(Slot(1, "r2", (target,)))
        proxy.point(HOST, 0)
        proxy.point(OTHER, 1)
        with web_sockets(haproxy, HOST, 5) as visitors, web_sockets(haproxy, OTHER, 2) as others:
            assert proxy.close(0, 2) == 3
            assert_becomes(lambda: proxy.open(0), Open(long=3))
            assert sum(echoes(visitor) for visitor in visitors) == 3
            assert proxy.close(0, 10) == 0
            assert_becomes(lambda: proxy.open(0), Open())
            assert proxy.close(0, 1) == 0
            assert all(echoes(other) for other in others)
        assert_becomes(lambda: proxy.traffic(0), Traffic(answers=5, errors=0))


CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc"
CUT_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"


@pytest.mark.parametrize("data", [CUT, CUT_CHUNKED])
def test_an_answer_that_breaks_off_is_noticed(haproxy: Running, data: bytes) -> None:
    proxy = haproxy.proxy
    with answers_with(data) as target:
        proxy.fill(Slot(0, "r1", (target,)))
        proxy.point(HOST, 0)
        answer = proxy.ask(HOST)
        assert (answer.release, answer.status, answer.problem) == ("r1", 200, "the answer was cut off")
        assert_becomes(lambda: proxy.traffic(0), Traffic(answers=1, errors=1))


def test_every_kind_of_error_counts_once(haproxy: Running) -> None:
    proxy = haproxy.proxy
    with answers_with(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n") as failing, answers_with(b"") as broken:
        for number, target in enumerate((failing, broken)):
            proxy.fill(Slot(number, f"r{number}", (target,)))
            proxy.point(HOST, number)
            assert proxy.ask(HOST).status == (500, 502)[number]
        # The proxy counts an answer when it is done with its connection, which may be after the visitor has it.
        for number in range(2):
            assert_becomes(partial(proxy.traffic, number), Traffic(answers=1, errors=1))


def test_an_answer_without_end_holds_nobody_up(haproxy: Running) -> None:
    proxy = haproxy.proxy
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    with answers_with(head, seconds=30) as target:
        proxy.fill(Slot(0, "r1", (target,)))
        proxy.point(HOST, 0)
        answer = proxy.ask(HOST)
        assert (answer.release, answer.status, answer.problem) == ("r1", 200, "")
        assert answer.seconds < 20


def test_ages_in_haproxys_words() -> None:
    line = (
        "0x7f0: proto=tcpv4 src=1 fe=public be={} srv=a.b ts=00 epoch=0 age={} calls=1 "
        "rq[f=1h,i=0,an={},rx=] rp[f=1h,i=0,an={},rx=]"
    )
    text = "\n".join(
        line.format(*values)
        for values in (
            ("slot_00001", "4s", "8000h", "00h"),
            ("slot_00001", "1m3s", "8000h", "00h"),
            ("slot_00001", "0s", "00h", "00h"),
            ("slot_00002", "1d2h", "00h", "00h"),
        )
    )
    found = sessions.parse(text, "slot_00001")
    assert [(session.age, session.long) for session in found] == [(63, True), (4, False), (0, True)]
    assert [session.age for session in sessions.parse(text, "slot_00002")] == [93_600]
