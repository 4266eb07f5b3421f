"""A whole installation, started as a person starts it, on ports and a data directory of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.settings import BASE_DIR

SET_UP = 900.0  # seconds: a machine without a base image builds one
STOP = 60.0


class Stack:
    """`start()` returns when the example answers. `output` is what the person saw."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port, self.public_port = _free_port(), _free_port()
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def password(self) -> str:
        found = re.search(r"Password\s+(\S+)", self.output)
        assert found, self.output
        return found[1]

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kintohub.standalone", "run"],
            cwd=BASE_DIR,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        self._wait_for("Ctrl-C stops it")

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(timeout=STOP)

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env={**self._environment(), "DJANGO_SETTINGS_MODULE": "kintohub.settings"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KINTOHUB_", "DJANGO_"))}
        return {
            **kept,
            "KINTOHUB_DATA": str(self.data),
            "KINTOHUB_PORT": str(self.port),
            "KINTOHUB_PUBLIC_PORT": str(self.public_port),
            "PYTHONUNBUFFERED": "1",
        }

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))

    def _wait_for(self, text: str) -> None:
        deadline = time.monotonic() + SET_UP
        while text not in self.output:
            assert self._process is not None and self._process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
