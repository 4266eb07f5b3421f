"""Start supervisord, ask how its programs are, and end it with everything it started."""

from __future__ import annotations

import http.client
import shutil
import signal
import subprocess
import xmlrpc.client  # noqa: S411 - only our own supervisord is spoken to, over a socket of this user
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kintohub.standalone import descendants, venv
from kintohub.standalone.settings import CHECKOUT
from kintohub.standalone.unix_http import UnixConnection

STOP_SECONDS = 60.0  # more than the graces of all programs together
FATAL = "FATAL"


class Supervisor:
    def __init__(self, configuration: Path, socket: Path) -> None:
        self.configuration = configuration
        self.socket = socket
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, variables: Mapping[str, str]) -> None:
        """In a session of its own, so that Ctrl-C reaches only us. Should we be killed, the kernel tells it to stop."""
        descendants.adopt_orphans()
        setpriv = shutil.which("setpriv", path=variables["PATH"])
        die_with_us = [setpriv, "--pdeathsig", "TERM"] if setpriv else []
        self.process = subprocess.Popen(
            [*die_with_us, venv.program("supervisord"), "-c", self.configuration],
            env=dict(variables), cwd=CHECKOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def states(self) -> dict[str, str]:
        """State of each program by name, in supervisord's words; empty while it does not answer."""
        server = xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(str(self.socket)))
        try:
            answer: Any = server.supervisor.getAllProcessInfo()
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return {}
        return {info["name"]: info["statename"] for info in answer}

    def dead(self) -> list[str]:
        """Programs that supervisord has given up on."""
        return [name for name, state in self.states().items() if state == FATAL]

    def stop(self) -> list[int]:
        """End everything that was started. Returns the processes that had to be killed; none is left."""
        if self.alive() and self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return descendants.end()


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def make_connection(self, host: Any) -> UnixConnection:
        return UnixConnection(self.path, timeout=5)
