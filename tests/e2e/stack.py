"""A whole installation, started as a person starts it, on ports and a data directory of its own."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from releases.engine.docker import DockerEngine
from tests.settings import BASE_DIR

SET_UP = 900.0  # seconds: a machine without a base image builds one
STOP = 60.0
READY = "Ctrl-C stops it"


class Stack:
    """`start()` returns when the example answers. `output` is what the person saw since then."""

    def __init__(self, data: Path, port: int = 0, public_port: int = 0) -> None:
        self.data = data
        self.port, self.public_port = port or free_port(), public_port or free_port()
        self.password = ""
        self._lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def examples(self) -> Path:
        return self.data / "examples"

    @property
    def output(self) -> str:
        return "\n".join(self._lines)

    def start(self) -> None:
        self._lines = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kintohub.standalone", "run"],
            cwd=BASE_DIR,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,))
        self._reader.start()
        self._wait_until_ready()
        if found := re.search(r"Password\s+(\S+)", self.output):
            self.password = found[1]

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self._process is not None and self._reader is not None
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(timeout=STOP)
        self._reader.join(timeout=STOP)
        return code

    def processes(self) -> dict[int, str]:
        """Command lines of the processes of this installation, by id."""
        own = f"KINTOHUB_DATA={self.data}".encode()
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if own in (process / "environ").read_bytes().split(b"\0"):
                    found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # it has just ended, or is another user's
        return found

    @property
    def engine(self) -> DockerEngine:
        """The engine as this installation sees it."""
        return DockerEngine(self.installation)

    @property
    def installation(self) -> str:
        secrets = (self.data / "secrets.env").read_text()
        found = re.search(r"^KINTOHUB_INSTALLATION_ID='?\"?([0-9a-f]{8})", secrets, re.MULTILINE)
        assert found, "secrets.env has no installation id"
        return found[1]

    def environment(self) -> dict[str, str]:
        """Of its processes."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KINTOHUB_", "DJANGO_"))}
        return {
            **kept,
            "KINTOHUB_DATA": str(self.data),
            "KINTOHUB_PORT": str(self.port),
            "KINTOHUB_PUBLIC_PORT": str(self.public_port),
            "PYTHONUNBUFFERED": "1",
        }

    def get(self, host: str, path: str = "/") -> tuple[int, str]:
        """Status and body of a public address."""
        connection = http.client.HTTPConnection("127.0.0.1", self.public_port, timeout=15)
        try:
            connection.request("GET", path, headers={"Host": host})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env={**self.environment(), "DJANGO_SETTINGS_MODULE": "kintohub.settings"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._lines.append(line.rstrip("\n"))

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + SET_UP
        while READY not in self.output:
            assert self._process is not None and self._process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
