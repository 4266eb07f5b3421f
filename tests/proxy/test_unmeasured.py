"""Bodies that do not tell their length: counted on their way, and ended where the limit is passed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest
import websockets.sync.client

from releases.proxy.base import Slot
from releases.proxy.haproxy import config
from tests.proxy import bodies
from tests.proxy.apps import App, echo_socket
from tests.proxy.conftest import Running

pytestmark = pytest.mark.proxy

HOST = "shop-1a2b3c.localhost"
MEGABYTE = 1024 * 1024
TOO_MUCH = "413: the request has more than 1 MB.\n"


@pytest.fixture
def limits() -> dict[str, int]:
    return {"max_request_mb": 1}


@pytest.fixture
def app(haproxy: Running) -> Iterator[bodies.Reader]:
    with bodies.reader() as running:
        haproxy.proxy.fill(Slot(0, "r1", (running.target(),)))
        haproxy.proxy.point(HOST, 0)
        yield running


def connect(haproxy: Running) -> socket.socket:
    return socket.create_connection(("127.0.0.1", haproxy.parameters.public_port), timeout=60)


def until_end(visitor: socket.socket) -> str:
    return b"".join(iter(lambda: visitor.recv(65536), b"")).decode()


def nothing_whole_in(app: bodies.Reader) -> bool:
    """The connection is reset: an application that is slow to read may not even see the head of the request."""
    return all(size <= MEGABYTE and not whole for size, whole in app.bodies)


@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE"])
def test_the_largest_body_passes(haproxy: Running, app: bodies.Reader, method: str) -> None:
    with connect(haproxy) as visitor:
        visitor.sendall(bodies.head(HOST, method) + bodies.piece(1000) + bodies.piece(MEGABYTE - 1000) + bodies.END)
        assert until_end(visitor).startswith("HTTP/1.1 200")
    assert app.next_body() == (MEGABYTE, True)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_one_byte_more_breaks_it_off(haproxy: Running, app: bodies.Reader, method: str) -> None:
    with connect(haproxy) as visitor:
        visitor.sendall(bodies.head(HOST, method))
        assert visitor.recv(65536).startswith(b"HTTP/1.1 200")
        visitor.sendall(bodies.piece(MEGABYTE) + bodies.piece(1) + bodies.END)
        assert not until_end(visitor).endswith(bodies.END.decode())
    size, whole = app.next_body()
    assert size <= MEGABYTE and not whole
    assert len(app.heads) == 1  # what was half sent is not sent to anybody again


def test_before_an_answer_has_begun_it_is_told(haproxy: Running, app: bodies.Reader) -> None:
    with connect(haproxy) as visitor:
        visitor.sendall(bodies.head(HOST, path="/late"))
        for size in (*[200_000] * 5, 48_578):  # two bytes too many; what is sent later would meet a closed connection
            visitor.sendall(bodies.piece(size))
        answer = until_end(visitor)
    assert answer.startswith("HTTP/1.1 413") and answer.endswith(TOO_MUCH)
    assert "kintohub" not in answer.lower()
    assert nothing_whole_in(app)


def test_each_piece_of_a_stream_goes_on_at_once(haproxy: Running, app: bodies.Reader) -> None:
    """HAProxy would hold each back for 0.2 s."""
    with connect(haproxy) as visitor:
        visitor.sendall(bodies.head(HOST))
        assert visitor.recv(65536).startswith(b"HTTP/1.1 200")
        trips = []
        for _ in range(30):
            began = time.monotonic()
            visitor.sendall(bodies.piece(10))
            assert b"." in visitor.recv(65536)
            trips.append(time.monotonic() - began)
        assert median(trips) < 0.15
        assert haproxy.proxy.open(0).total == 1
        visitor.sendall(bodies.END)
        until_end(visitor)
    assert app.next_body() == (300, True)


def test_nothing_of_the_way_there_is_seen_or_can_be_forged(haproxy: Running, app: bodies.Reader, blue: App) -> None:
    haproxy.proxy.fill(Slot(1, "r2", (blue.target(),)))
    forged = ("X-KintoHub-Slot: slot_00001", "X-KintoHub-Probe: guess", "X-Forwarded-For: 9.9.9.9")
    with connect(haproxy) as visitor:
        visitor.sendall(bodies.head(HOST, lines=forged) + bodies.piece(3) + bodies.END)
        answer = until_end(visitor)
    assert answer.startswith("HTTP/1.1 200") and "kintohub" not in answer.lower()
    assert app.next_body() == (3, True)
    assert "kintohub" not in app.heads[0]
    assert "x-forwarded-for: 127.0.0.1\n" in app.heads[0].replace("\r", "") and "9.9.9.9" not in app.heads[0]


def test_nobody_else_may_ask_there(haproxy: Running, app: bodies.Reader) -> None:
    with socket.socket(socket.AF_UNIX) as neighbour:
        neighbour.settimeout(10)
        # HAProxy takes the whole length of an address, and what the name leaves is zeros.
        neighbour.connect(f"\0{config.own_name(haproxy.parameters.socket)}".ljust(108, "\0"))
        neighbour.sendall(bodies.head(HOST, lines=("X-KintoHub-Slot: slot_00000",)) + bodies.END)
        assert until_end(neighbour).startswith("HTTP/1.1 403")
    assert app.heads == []


def test_an_upgraded_connection_has_no_limit(haproxy: Running) -> None:
    with echo_socket() as target:
        haproxy.proxy.fill(Slot(0, "r1", (target,)))
        haproxy.proxy.point(HOST, 0)
        with websockets.sync.client.connect(f"ws://{HOST}/", sock=connect(haproxy), proxy=None) as visitor:
            for _ in range(4):
                visitor.send("x" * 500_000)
                assert visitor.recv(timeout=60) == "x" * 500_000


@pytest.fixture
def curl(haproxy: Running, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Sends so many bytes over HTTP/2 without telling how many; curl's exit code and the status."""
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")

    def send(size: int, *arguments: str) -> tuple[int, str]:
        (tmp_path / "body").write_bytes(b"x" * size)
        options = ("-s", "--http2-prior-knowledge", "-H", f"Host: {HOST}", "-o", "/dev/null", "-w", "%{http_code}")
        body = ("-H", "Transfer-Encoding: chunked", "-T", str(tmp_path / "body")) if size else ()
        command = ["curl", *options, *body, *arguments, f"http://127.0.0.1:{haproxy.parameters.public_port}/"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        return done.returncode, done.stdout

    return send


@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE"])
def test_http_2_is_counted_as_well(app: bodies.Reader, curl: Callable[..., tuple[int, str]], method: str) -> None:
    assert curl(MEGABYTE, "-X", method) == (0, "200")
    assert app.next_body() == (MEGABYTE, True)
    assert curl(3 * MEGABYTE, "-X", method)[0] != 0
    assert nothing_whole_in(app)


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE", "OPTIONS"])
def test_http_2_without_a_body(app: bodies.Reader, curl: Callable[..., tuple[int, str]], method: str) -> None:
    assert curl(0, "-X", method) == (0, "200")
    assert app.next_body() == (0, True)
