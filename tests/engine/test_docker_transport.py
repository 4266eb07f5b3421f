"""The connection to an engine that is absent, silent or strange."""

from __future__ import annotations

import contextlib
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from releases.engine.base import EngineError, NotFound, Rejected, Unavailable
from releases.engine.docker.clients import Clients
from releases.engine.docker.errors import sdk_errors
from releases.engine.docker.transport import Transport
from releases.engine.docker.watch import Verdict, Watch
from tests.engine.rigs import DockerRig

Answers = Callable[[bytes], Transport]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answers]:
    """`answering(data)` is a transport to a server that sends this to every request, and then waits if it is empty."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path = tmp_path / "engine.sock"
    listener.bind(str(path))
    listener.listen(5)
    over, threads = threading.Event(), []

    def serve(data: bytes) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    connection.sendall(data) if data else over.wait(10)

    def start(data: bytes) -> Transport:
        threads.append(threading.Thread(target=serve, args=[data], daemon=True))
        threads[-1].start()
        return Transport(f"unix://{path}")

    yield start
    over.set()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for thread in threads:
        thread.join(5)


def reply(status: int, content: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(content), content)


def test_no_engine_is_unavailable_and_worth_a_retry(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        Transport(f"unix://{tmp_path}/none.sock").negotiate()
    assert caught.value.retryable


def test_a_silent_engine_is_unavailable_after_the_time_limit(answering: Answers) -> None:
    begun = time.monotonic()
    with answering(b"").open(0.3) as exchange, pytest.raises(Unavailable, match="in time"):
        exchange.request("GET", "/version")
    assert time.monotonic() < begun + 10


def test_a_silent_engine_ends_a_call_of_the_sdk_too(answering: Answers) -> None:
    clients, begun = Clients(str(answering(b"").socket_path)), time.monotonic()
    with pytest.raises(Unavailable, match="in time"), sdk_errors():
        clients.get("1.41", 1).info()
    assert 0.9 < time.monotonic() - begun < 15


def test_threads_and_forks_share_no_client() -> None:
    clients = Clients("/nowhere")
    mine = clients.get("1.41", 1)
    assert clients.get("1.41", 2) is mine
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(clients.get, "1.41", 1).result() is not mine
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(clients.get("1.41", 1) is mine))
    child.start()
    assert receiver.poll(60)
    assert receiver.recv() is False
    child.join(10)
    receiver.close()
    sender.close()


@pytest.mark.engine
def test_a_name_leads_to_no_other_kind_of_object(docker_rig: DockerRig) -> None:
    started = docker_rig.start("web-1", docker_rig.base, command="sleep 99")
    assert docker_rig.engine.find_image(f"../containers/{started.id}") is None
    with pytest.raises(NotFound):
        docker_rig.engine.inspect(f"x/../{started.id}")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        reply(200, b"<html>"),
    ],
)
def test_nonsense_is_unavailable(answering: Answers, answer: bytes) -> None:
    with pytest.raises(Unavailable):
        answering(answer).negotiate()


@pytest.mark.parametrize(
    ("status", "content", "kind", "text"),
    [
        (404, b'{"message": "no such thing"}', NotFound, "no such thing"),
        (409, b'{"message": "in use"}', Rejected, "in use"),
        (500, b'{"message": "invalid thing"}', Rejected, "invalid thing"),
        (500, b'{"message": "dial tcp: i/o timeout"}', Unavailable, "i/o timeout"),
        (503, b"", Unavailable, "status 503"),
        (400, b"plain words", Rejected, "plain words"),
        (400, b"{}", Unavailable, "cannot be read"),
    ],
)
def test_a_status_becomes_an_error_with_the_engines_words(
    answering: Answers, status: int, content: bytes, kind: type[EngineError], text: str
) -> None:
    with pytest.raises(kind, match=text):
        answering(reply(status, content)).negotiate()


@pytest.mark.parametrize(
    ("oldest", "spoken"), [("1.12", "/v1.41/x"), ("1.44", "/v1.44/x"), ("1.9", "/v1.41/x"), ("", "/v1.41/x")]
)
def test_the_tested_version_is_spoken_or_the_oldest_of_a_newer_engine(
    answering: Answers, oldest: str, spoken: str
) -> None:
    transport = answering(reply(200, b'{"Version": "x", "MinAPIVersion": "%b"}' % oldest.encode()))
    assert transport.target("/x") == spoken


def test_other_addresses_are_refused() -> None:
    with pytest.raises(Rejected, match="unix:///var/run/docker.sock"):
        Transport("tcp://10.0.0.1:2375")


def test_a_watch_aborts_once_when_cancelled() -> None:
    aborts: list[float] = []
    aborted = threading.Event()

    def abort() -> None:
        aborts.append(time.monotonic())
        aborted.set()

    with Watch(lambda: True, abort) as watch:
        assert aborted.wait(30)
        time.sleep(0.3)
    assert watch.verdict is Verdict.CANCELLED
    assert len(aborts) == 1


def test_a_watch_aborts_at_its_time_limit() -> None:
    aborted = threading.Event()
    with Watch(lambda: False, aborted.set, 0.2) as watch:
        assert aborted.wait(30)
    assert watch.verdict is Verdict.LATE


def test_a_watch_keeps_what_the_caller_raised() -> None:
    aborted = threading.Event()
    with Watch(lambda: bool(1 // 0), aborted.set) as watch:
        assert aborted.wait(30)
    assert watch.verdict is Verdict.BROKEN
    assert isinstance(watch.error, ZeroDivisionError)


def test_a_watch_ends_quietly_with_its_call() -> None:
    aborts: list[int] = []
    with Watch(lambda: False, lambda: aborts.append(1), 60) as watch:
        pass
    assert watch.verdict is None
    assert aborts == []
