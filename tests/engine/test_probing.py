"""Asking an address once."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from releases.engine.probing import probe

Serve = Callable[[bytes | None], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answer)` is the port of a server on 127.0.0.1 that answers so; None says nothing and waits."""
    over, listeners, threads = threading.Event(), [], []

    def run(listener: socket.socket, answer: bytes | None) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            if answer is None:
                over.wait(10)
            elif connection.recv(9999):
                connection.sendall(answer)

    def start(answer: bytes | None) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        threads.append(threading.Thread(target=run, args=(listener, answer), daemon=True))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    over.set()
    for listener in listeners:
        listener.close()
    for thread in threads:
        thread.join(5)


def test_an_open_port_is_enough_without_a_path(serve: Serve) -> None:
    assert probe("127.0.0.1", serve(None), "", "web").ok


@pytest.mark.parametrize(
    ("answer", "ok", "text"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True, "status 200"),
        (b"HTTP/1.0 302 Found\r\n\r\n", True, "status 302"),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", False, "status 404"),
        (b"HTTP/1.1 500 X\r\n\r\n", False, "status 500"),
        (b"220 mail ready\r\n", False, "not HTTP"),
        (b"", False, "closed without an answer"),
        (b"x" * 100_000, False, "not HTTP"),
    ],
)
def test_a_path_is_asked_for(serve: Serve, answer: bytes, ok: bool, text: str) -> None:
    result = probe("127.0.0.1", serve(answer), "/health", "web")
    assert result.ok is ok
    assert text in result.text


@pytest.mark.parametrize(
    ("answer", "head"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall\r\n\t well\x1b\x00", "all well"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nall well\r\n0\r\n\r\n", "all well 0"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\n", ""),
        (b"HTTP/1.1 200 OK\r\n\r\n" + "ä".encode() * 500, "ä" * 80),
        (b"220 mail ready\r\n", "220 mail ready"),
    ],
)
def test_the_beginning_of_the_answer_is_readable(serve: Serve, answer: bytes, head: str) -> None:
    assert probe("127.0.0.1", serve(answer), "/", "web").head == head


def test_a_body_that_does_not_come_is_not_waited_for(serve: Serve) -> None:
    result = probe("127.0.0.1", serve(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), "/", "web")
    assert (result.ok, result.head) == (True, "")
    assert 0 < result.seconds < 2


def test_the_expected_statuses_decide(serve: Serve) -> None:
    answer = b"HTTP/1.1 503 Busy\r\n\r\n"
    assert probe("127.0.0.1", serve(answer), "/", "web", (503,)).ok
    assert not probe("127.0.0.1", serve(answer), "/", "web", (200, 204)).ok


def test_a_silent_server_is_left_after_two_seconds(serve: Serve) -> None:
    begun = time.monotonic()
    result = probe("127.0.0.1", serve(None), "/", "web")
    assert (result.ok, result.text) == (False, "no answer within 2 seconds")
    assert 1.5 < time.monotonic() - begun < 10


def test_a_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert probe("127.0.0.1", port, "", "web").text == "the connection was refused"
