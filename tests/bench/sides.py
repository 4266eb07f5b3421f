"""The two sides of the comparison. Each method is one kind of deploy and gives the seconds until its answer."""

from __future__ import annotations

import http.client
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from tests.bench.app import App
from tests.bench.clicks import Session
from tests.e2e.stack import Stack, free_port
from tests.services.forms import DATA

SCRIPT = Path(__file__).with_name("deploy.sh")
LIMIT = 300.0
PAUSE = 0.01  # seconds between two looks at the address, as in the script


@dataclass
class Script:
    """git and the Docker CLI. `runs` are the seconds from each `docker run` to the answer."""

    app: App
    name: str
    runs: list[float] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    mode: str = "plain"
    before: str = ""

    def first(self, message: str) -> float:
        self.app.make(message)
        return self._run("clone", message)

    def code(self, message: str) -> float:
        self.before = self.app.message
        self.app.change(message)
        return self._run("pull", message)

    def config(self, mode: str) -> float:
        self.mode = mode
        return self._run("keep", self.app.message)

    def rollback(self) -> float:
        self.mode = "plain"
        return self._run("back", self.before)

    def close(self) -> None:
        subprocess.run(["docker", "rm", "--force", self.name], check=False, capture_output=True, timeout=60)
        images = [f"{self.name}:new", f"{self.name}:old"]
        subprocess.run(["docker", "rmi", *images], check=False, capture_output=True, timeout=60)

    def _run(self, what: str, message: str) -> float:
        clone = self.app.place.with_name(f"{self.app.place.name}-clone")
        line = [SCRIPT, what, self.app.place, clone, self.name, str(self.port), self.mode, f"{message} {self.mode}"]
        begun = time.monotonic()
        done = subprocess.run(line, capture_output=True, text=True, timeout=LIMIT, check=False)
        took = time.monotonic() - begun
        assert done.returncode == 0, done.stdout + done.stderr
        self.runs.append(float(done.stdout.split()[-1]))
        return took


@dataclass
class Platform:
    """The dashboard of a real installation, from the press of its button to the answer at the public address."""

    stack: Stack
    session: Session
    environment: str
    app: App
    name: str
    releases: int = 0

    def first(self, message: str) -> float:
        self.app.make(message)
        fields = {**self._fields(), "name": self.name, "repository_url": self.app.address}
        return self._press(f"{self.environment}services/new", f"{message} plain", {**fields, "action": "deploy"})

    def code(self, message: str) -> float:
        self.app.change(message)
        return self._press(f"{self._service}deploy", f"{message} plain", {})

    def config(self, mode: str) -> float:
        fields = {**self._fields(mode), "action": "deploy", "seen": str(self.releases)}
        return self._press(f"{self._service}releases/{self.releases}/edit", f"{self.app.message} {mode}", fields)

    def rollback(self, message: str) -> float:
        """To the first release."""
        path = f"{self._service}releases/1/rollback"
        return self._press(path, f"{message} plain", {"configuration": "as-released"})

    @property
    def _service(self) -> str:
        return f"{self.environment}services/{self.name}/"

    @property
    def _host(self) -> str:
        return f"{self.name}-{self.environment.strip('/').split('/')[-1]}.localhost"

    def _fields(self, mode: str = "plain") -> dict[str, str]:
        own = {"language": "dockerfile", "version": "", "port": "8000", "build_command": "", "start_command": ""}
        own["undo_window"] = "0"
        variables = {"variables-TOTAL_FORMS": "1", "variables-0-key": "MODE", "variables-0-value": mode}
        return {**DATA, **own, **variables}

    def _press(self, path: str, expected: str, fields: dict[str, str]) -> float:
        fields = {**fields, "request_id": str(uuid4())}
        begun = time.monotonic()
        release = self.session.press(path, **fields)
        self._wait_for(expected, begun + LIMIT)
        took = time.monotonic() - begun
        self.releases += 1
        self.session.wait_for(release, "Live Version")
        return took

    def _wait_for(self, expected: str, deadline: float) -> None:
        while expected not in self._answer():
            assert time.monotonic() < deadline, f"{self.name} does not answer “{expected}”."
            time.sleep(PAUSE)

    def _answer(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.public_port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": self._host})
            return connection.getresponse().read().decode()
        except OSError:
            return ""
        finally:
            connection.close()
