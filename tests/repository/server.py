"""A git server on the loopback: smart HTTP by git's own `http-backend`, optionally behind a token."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

Answer = Callable[[BaseHTTPRequestHandler], None]
SECONDS = 30


@contextmanager
def serve(directory: Path, token: str = "", before: Callable[[], None] = lambda: None) -> Iterator[str]:
    """The address below which the repositories of the directory are, like `http://127.0.0.1:40000/`.

    With a token, any user name and this password are asked for. `before` runs ahead of each answer.
    """

    def answer(handler: BaseHTTPRequestHandler) -> None:
        before()
        if token and _password(handler.headers.get("Authorization", "")) != token:
            _refuse(handler)
        else:
            _backend(handler, directory)

    with serving(answer) as url:
        yield url


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server that answers every request by the function."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET

        def log_message(self, *values: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def trickle(handler: BaseHTTPRequestHandler) -> None:
    """One byte every tenth of a second, for as long as anybody listens."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
    handler.end_headers()
    deadline = time.monotonic() + SECONDS
    try:
        while time.monotonic() < deadline:
            handler.wfile.write(b"0")
            time.sleep(0.1)
    except OSError:
        pass


def _password(header: str) -> str:
    _, _, encoded = header.partition("Basic ")
    return base64.b64decode(encoded).decode().partition(":")[2]


def _refuse(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(401)
    handler.send_header("WWW-Authenticate", 'Basic realm="git"')
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def _backend(handler: BaseHTTPRequestHandler, directory: Path) -> None:
    url = urlsplit(handler.path)
    body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(directory),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "REQUEST_METHOD": handler.command,
        "PATH_INFO": url.path,
        "QUERY_STRING": url.query,
        "CONTENT_TYPE": handler.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": handler.headers.get("Git-Protocol", ""),
    }
    command = ["git", "-c", "safe.directory=*", "http-backend"]
    done = subprocess.run(command, input=body, capture_output=True, env=environment, timeout=SECONDS)
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
    handler.send_response(int(headers.pop("Status", "200").split()[0]))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
