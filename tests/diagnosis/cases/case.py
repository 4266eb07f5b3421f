"""A small broken repository, the cause that should be found, and whether one click puts it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """`settings` differ from those of a Python service that would run. With `clicks` the first shortcut makes it live.

    `value` is for the variable that it asks for. `then` are the files of a second commit, deployed when the first is
    live. `url` replaces the address: `{root}` is the directory of the repositories, `{server}` a git server that asks
    for a token. `secrets` are variables of the service.
    """

    name: str
    cause: str
    files: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    clicks: bool = False
    value: str = ""
    then: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)


NODE = {
    "language": "nodejs",
    "version": "24",
    "build_command": "npm install",
    "start_command": "node server.js",
}
OWN = {"language": "dockerfile", "version": "", "dockerfile": "Dockerfile", "build_command": "", "start_command": ""}

_SERVER = """\
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

{first}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        {answer}

    def say(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *values):
        pass


server = ThreadingHTTPServer(({host}, {port}), Handler)
print("Ready", flush=True)
server.serve_forever()
"""


def serving(
    first: str = "", answer: str = "self.say(200)", host: str = '"0.0.0.0"', port: str = 'int(os.environ["PORT"])'
) -> str:
    """A Python program that runs the lines `first`, and then answers on the port."""
    return _SERVER.format(first=first, answer=answer, host=host, port=port)


def python(run: str = "", **others: str) -> dict[str, str]:
    """Files of a Python application; `others` by their names, with _ for the dot."""
    named = {name.replace("__", "/").replace("_", "."): text for name, text in others.items()}
    return {"requirements.txt": "", "run.py": run or serving(), **named}


_NODE = """\
{first}
const server = require("http").createServer((request, response) => response.end("ok"));
server.listen({port}, {host}, () => console.log("Ready"));
"""


def node_server(first: str = "", port: str = "process.env.PORT", host: str = '"0.0.0.0"') -> str:
    return _NODE.format(first=first, port=port, host=host)


def node(server: str = "", package: str = '{"name": "shop", "version": "1.0.0"}') -> dict[str, str]:
    return {"package.json": package, "server.js": server or node_server()}


DOCKERFILE = """\
FROM python:3.13
WORKDIR /app
COPY . .
CMD ["python", "run.py"]
"""
