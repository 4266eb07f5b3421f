"""Whether a Docker engine answers."""

from __future__ import annotations

import io
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from kintohub.standalone import engine
from kintohub.standalone.progress import Progress
from kintohub.standalone.stop import Stop


class Pong(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/_ping" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass

    def address_string(self) -> str:
        return "unix"


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[str]:
    with socketserver.UnixStreamServer(str(tmp_path / "docker.sock"), Pong) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield str(tmp_path / "docker.sock")
        server.shutdown()
        thread.join()


def test_one_that_answers_is_used_as_it_is(answering: str, tmp_path: Path) -> None:
    output = io.StringIO()
    engine.ensure({"DOCKER_HOST": f"unix://{answering}"}, tmp_path / "log", Progress(output))
    assert output.getvalue() == ""
    assert not (tmp_path / "log").exists()


def test_nothing_listens(tmp_path: Path) -> None:
    assert not engine.answers(str(tmp_path / "none.sock"))


def test_an_engine_of_the_operators_own_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="No Docker engine answers at .*none.sock: start it, or unset DOCKER_HOST"):
        engine.ensure({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}, tmp_path / "log", Progress(io.StringIO()))


def test_an_engine_elsewhere_is_refused() -> None:
    with pytest.raises(Stop, match="DOCKER_HOST is tcp://build:2375"):
        engine.socket_path({"DOCKER_HOST": "tcp://build:2375"})


def test_the_standard_socket_is_the_default() -> None:
    assert engine.socket_path({}) == "/var/run/docker.sock"
