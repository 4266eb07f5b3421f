"""Requests that are too large or too slow are ended by the proxy, with a text, and no instance is held by them."""

from __future__ import annotations

import http.client
import socket
import time

import pytest

from releases.proxy.base import Open, Slot
from tests.proxy.apps import App
from tests.proxy.conftest import Running
from tests.waiting import assert_becomes

pytestmark = pytest.mark.proxy

HOST = "shop-1a2b3c.localhost"
MEGABYTE = 1024 * 1024


@pytest.fixture
def limits() -> dict[str, int]:
    return {"max_request_mb": 1, "header_seconds": 3, "pause_seconds": 4}


@pytest.fixture
def serving(haproxy: Running, blue: App) -> Running:
    haproxy.proxy.fill(Slot(0, "r1", (blue.target(),)))
    haproxy.proxy.point(HOST, 0)
    return haproxy


def exchange(serving: Running, *parts: bytes, pause: float = 0) -> tuple[str, float]:
    """Everything that came back until the proxy closed, and the seconds that took."""
    began, heard = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", serving.parameters.public_port), timeout=60) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)
        while chunk := connection.recv(65536):
            heard += chunk
    return heard.decode(), time.monotonic() - began


def post(length: int) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n".encode()


def test_a_request_that_is_too_large_is_told_so_before_it_is_sent(serving: Running) -> None:
    visitor = http.client.HTTPConnection("127.0.0.1", serving.parameters.public_port, timeout=60)
    visitor.putrequest("POST", "/", skip_host=True)
    for name, value in {"Host": HOST, "Content-Length": str(MEGABYTE + 1)}.items():
        visitor.putheader(name, value)
    visitor.endheaders()
    answer = visitor.getresponse()
    assert (answer.status, answer.read()) == (413, b"413: the request has more than 1 MB.\n")
    visitor.close()


def test_the_largest_request_passes(serving: Running) -> None:
    heard, _ = exchange(serving, post(MEGABYTE), b"x" * MEGABYTE)
    assert heard.startswith("HTTP/1.1 200")


def test_headers_that_come_slowly_are_not_waited_for(serving: Running) -> None:
    heard, seconds = exchange(serving, b"GET / HTTP/1.1\r\nHost: ")
    assert heard.startswith("HTTP/1.1 408")
    assert 2 < seconds < 60


def test_one_byte_after_the_other_does_not_help(serving: Running) -> None:
    with pytest.raises(ConnectionError):
        exchange(serving, b"GET / HTTP/1.1\r\nHost: ", *[b"a"] * 60, pause=0.1)


def test_a_small_body_that_does_not_come_reaches_no_instance(serving: Running) -> None:
    heard, seconds = exchange(serving, post(100), b"only this")
    assert heard.startswith("HTTP/1.1 408") and "408: the request did not arrive in time." in heard
    assert 2 < seconds < 60
    assert serving.proxy._runtime.count("slot_00000", "lbtot") == {"lbtot": 0}


def test_a_pause_in_a_large_body_ends_it(serving: Running) -> None:
    heard, seconds = exchange(serving, post(100_000), b"x" * 50_000)
    assert heard.startswith("HTTP/1.1 504")
    assert 3 < seconds < 60
    assert_becomes(lambda: serving.proxy.open(0), Open())


def test_a_large_body_that_keeps_coming_is_let_through(serving: Running) -> None:
    heard, seconds = exchange(serving, post(50_000), *[b"x" * 10_000] * 5, pause=1)
    assert heard.startswith("HTTP/1.1 200")
    assert seconds > 4
