"""Applications that the tests deploy: repositories in the directory that the installation allows."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import docker

from tests.repository.repositories import commit, git, make_repository

SERVER = """\
import os
import signal
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = "{answer}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send(ask(self.path[5:]) if self.path.startswith("/ask/") else ANSWER)

    def send(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *values):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # the proxy resets connections it no longer needs: not worth a traceback each


def ask(neighbour):
    with urllib.request.urlopen("http://" + neighbour + "/", timeout=5) as answer:
        return answer.read().decode()


server = Server(("0.0.0.0", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
{at_start}
server.serve_forever(poll_interval=0.1)
"""

BUILD = """\
import time

for number in range(1, {steps} + 1):
    print(f"Step {{number}} of {steps}", flush=True)
    time.sleep({pause})
"""
HELD_BUILD = """\
import os
import time

for number in range(1, {steps} + 1):
    print(f"Step {{number}} of {steps}", flush=True)
    while number == {held} and not os.path.exists("{go}"):
        time.sleep(0.05)
"""
GO = "/tmp/go"  # in the build's own container


def server(answer: str, at_start: str = 'print("Ready", flush=True)') -> str:
    """A web application that answers `answer`, and at `/ask/<host>:<port>` what that neighbour answers."""
    return SERVER.format(answer=answer, at_start=at_start)


def build(steps: int, pause: float) -> str:
    return BUILD.format(steps=steps, pause=pause)


def held_build(steps: int, held: int) -> str:
    """One that goes no further than this step until `let_go`."""
    return HELD_BUILD.format(steps=steps, held=held, go=GO)


def building(command: str) -> list[str]:
    """Ids of the engine's containers that run this build command now."""
    with closing(docker.from_env()) as client:
        found = client.api.containers(filters={"status": "running"})
    return [each["Id"] for each in found if command in each["Command"]]


def let_go(command: str) -> None:
    """The one build that runs this command."""
    [container] = building(command)
    with closing(docker.from_env()) as client:
        code, output = client.containers.get(container).exec_run(["touch", GO])
    assert code == 0, output


def python_app(run: str, **others: str) -> dict[str, str]:
    """Files of a Python application; `others` are further modules by name."""
    modules = {f"{name}.py": text for name, text in others.items()}
    return {".python-version": "3.13\n", "requirements.txt": "", "run.py": run, **modules}


class Origin:
    """A bare repository that people push to, and the clone of the person who does."""

    def __init__(self, place: Path, clone: Path, files: dict[str, str], message: str) -> None:
        self.place, self.clone = place, make_repository(clone, files, message)
        git(clone.parent, "clone", "--quiet", "--bare", str(clone), str(place))
        git(clone, "remote", "add", "origin", str(place))

    def push(self, files: dict[str, str], message: str) -> str:
        """The pushed commit's id."""
        sha = commit(self.clone, files, message)
        git(self.clone, "push", "--quiet", "origin", "main")
        return sha
