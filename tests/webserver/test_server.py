"""The web process from outside: how it ends, and that a client that does not read costs it nothing."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
import websockets.sync.client
from django.conf import settings
from websockets.exceptions import ConnectionClosed

from kintohub.standalone import ports
from tests.waiting import LIMIT, assert_becomes


class Server:
    """`patience`: seconds in which what runs may finish when the server ends."""

    def __init__(self, patience: int) -> None:
        self.port = ports.any_free()
        options = ["-b", "127.0.0.1", "-p", str(self.port), "-v", "0", "--application-close-timeout", str(patience)]
        line = [sys.executable, "-m", "kintohub.webserver", *options, "tests.webserver.application:application"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(line, cwd=settings.BASE_DIR, stdin=pipe, stdout=pipe, text=True)
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.said.extend(line.rstrip() for line in self.process.stdout)

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + LIMIT
        while not any(words in line for line in list(self.said)):
            assert time.monotonic() < until, f"{words!r} is not in {self.said[-5:]}"
            time.sleep(0.02)

    def listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT).close()
        except ConnectionRefusedError:
            return False
        return True

    def has_sent(self) -> int:
        """How many pieces, once a second brings no more of them."""
        sent, before = len(self.said), -1
        while sent != before:
            time.sleep(1)
            sent, before = len(self.said), sent
        return sent

    @contextmanager
    def get(self, path: str) -> Iterator[http.client.HTTPResponse]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT)) as connection:
            connection.request("GET", path)
            with connection.getresponse() as answer:
                yield answer

    def body(self, path: str) -> bytes:
        with self.get(path) as answer:
            return answer.read()

    def socket(self, path: str) -> websockets.sync.client.ClientConnection:
        address = f"ws://127.0.0.1:{self.port}{path}"
        return websockets.sync.client.connect(
            address, proxy=None, max_queue=1, open_timeout=LIMIT, close_timeout=LIMIT, ping_interval=None
        )

    def memory(self) -> int:
        """Resident, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024

    def ask_to_end(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def exit_code(self) -> int:
        """Waits until it has ended and all that it said is there."""
        code = self.process.wait(timeout=LIMIT)
        self._reader.join()
        return code

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(getattr(request, "param", int(LIMIT)))
    try:
        assert_becomes(server.listens, True)
        yield server
    finally:
        server.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_sockets_are_told_to_come_back_and_their_handlers_run(server: Server, number: signal.Signals) -> None:
    with ExitStack() as stack:
        visitors = [stack.enter_context(server.socket("/listen")) for _ in range(20)]
        assert [visitor.recv(timeout=LIMIT) for visitor in visitors] == ["hello"] * 20
        server.ask_to_end(number)
        for visitor in visitors:
            with pytest.raises(ConnectionClosed):
                visitor.recv(timeout=LIMIT)
            assert (visitor.close_code, visitor.close_reason) == (1012, "The server restarts.")
    assert server.exit_code() == 0
    assert server.said == ["left 1012"] * 20


def test_a_running_request_finishes_and_no_new_one_begins(server: Server) -> None:
    answers: list[bytes] = []
    visitor = threading.Thread(target=lambda: answers.append(server.body("/slow")))
    visitor.start()
    server.wait_for("begun")
    server.ask_to_end()
    assert_becomes(server.listens, False)
    assert server.process.stdin
    print("finish", file=server.process.stdin, flush=True)
    visitor.join()
    assert answers == [b"finished"]
    assert server.exit_code() == 0


@pytest.mark.parametrize("server", [2], indirect=True)
def test_a_request_that_never_ends_does_not_hold_the_server_up(server: Server) -> None:
    def ask() -> None:
        with pytest.raises((http.client.HTTPException, OSError)):
            server.body("/never")

    visitor = threading.Thread(target=ask)
    visitor.start()
    server.wait_for("begun")
    server.ask_to_end()
    assert server.exit_code() == 0
    visitor.join()


def test_a_client_that_does_not_read_its_socket_costs_no_memory(server: Server) -> None:
    before = server.memory()
    with server.socket("/flood") as visitor:
        visitor.recv(timeout=LIMIT)
        assert server.has_sent() < 200  # of two thousand; what is sent fills the buffers of the kernel
        assert server.memory() - before < 30
        for _ in range(1_999):  # all of them: closing waits for a client that has more to read
            visitor.recv(timeout=LIMIT)
    server.wait_for("sent 1999")


def test_a_download_is_as_fast_as_its_reader_and_complete(server: Server) -> None:
    before = server.memory()
    with server.get("/large") as answer:
        read = len(answer.read(1_000))
        assert server.has_sent() < 200
        assert server.memory() - before < 30
        assert read + rest_of(answer) == 200_000_000
    server.wait_for("complete")


def test_a_download_that_runs_when_the_server_ends_arrives_whole(server: Server) -> None:
    with server.get("/large") as answer:
        read = len(answer.read(1_000))
        server.ask_to_end()
        assert read + rest_of(answer) == 200_000_000
    assert server.exit_code() == 0


def rest_of(answer: http.client.HTTPResponse) -> int:
    return sum(len(piece) for piece in iter(lambda: answer.read(1_000_000), b""))
