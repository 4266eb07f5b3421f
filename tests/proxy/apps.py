"""Small applications to put behind the proxy."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import websockets.sync.server

from releases.proxy.base import Target
from tests.settings import BASE_DIR


class Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client or the proxy closed its connection; the test looks at what the visitor saw."""


@dataclass(frozen=True)
class App:
    name: str
    port: int
    server: Quiet
    go: threading.Event

    def target(self, name: str = "i1") -> Target:
        return Target(name, "127.0.0.1", self.port)


@contextmanager
def app(name: str) -> Iterator[App]:
    """Answers with its name, the method and the headers it got; /slow takes a second, /held until `go` is set."""
    go = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer in one piece: one that is killed has sent all of it, or nothing

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/slow":
                time.sleep(1)
            if self.path == "/held":
                go.wait(60)
            body = json.dumps({"name": name, "method": self.command, "headers": dict(self.headers.items())}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-KintoHub-Release", "forged")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            """Nothing on the console."""

    server = Quiet(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield App(name, server.server_address[1], server, go)
    finally:
        go.set()
        server.shutdown()
        server.server_close()


@contextmanager
def app_process(name: str) -> Iterator[tuple[Target, subprocess.Popen[str]]]:
    """The same application in a process of its own, which can be killed."""
    code = f"""
import time
from tests.proxy.apps import app

with app({name!r}) as running:
    print(running.port, flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Target(name, "127.0.0.1", int(process.stdout.readline())), process
        finally:
            process.kill()


def broken_app() -> AbstractContextManager[Target]:
    """Accepts connections, so it passes the proxy's checks, and closes each one when a request has come."""
    return answers_with(b"", name="broken")


@contextmanager
def answers_with(data: bytes, seconds: float = 0.05, name: str = "i1") -> Iterator[Target]:
    """Sends exactly this to each request, and closes the connection so many seconds later."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.settimeout(1)
        with connection, suppress(OSError):
            if connection.recv(65536):
                connection.sendall(data)
                over.wait(seconds)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield Target(name, "127.0.0.1", listener.getsockname()[1])
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@contextmanager
def echo_socket() -> Iterator[Target]:
    """A WebSocket that sends back what it gets."""

    def echo(connection: websockets.sync.server.ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with websockets.sync.server.serve(echo, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Target("ws", "127.0.0.1", server.socket.getsockname()[1])
        server.shutdown()
