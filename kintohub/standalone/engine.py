"""The Docker engine: the one that answers, or one that we start and leave running, because services live in it."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from kintohub.standalone import command, environment, log_files
from kintohub.standalone.progress import Progress
from kintohub.standalone.stop import Stop
from kintohub.standalone.unix_http import UnixConnection

STANDARD = "unix:///var/run/docker.sock"
PID_FILE = Path("/var/run/docker.pid")
SYSTEMD = Path("/run/systemd/system")
START_SECONDS = 60.0


def socket_path(variables: Mapping[str, str]) -> str:
    """Raises Stop for an engine elsewhere: the proxy must reach the instances' own addresses."""
    host = variables.get("DOCKER_HOST") or STANDARD
    if not host.startswith("unix://"):
        raise Stop(f"DOCKER_HOST is {host}: KintoHub needs an engine on this machine, such as {STANDARD}.")
    return host.removeprefix("unix://")


def answers(path: str) -> bool:
    """Raises Stop when an engine is there but refuses this user."""
    connection = UnixConnection(path, timeout=5)
    try:
        connection.request("GET", "/_ping")
        return connection.getresponse().status == 200
    except PermissionError:
        raise Stop(
            f"This user may not use the Docker engine at {path}: run “sudo usermod -aG docker $USER”, "
            "log in again, and try again."
        ) from None
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def ensure(variables: Mapping[str, str], log: Path, progress: Progress) -> None:
    """Start an engine when none answers. Raises Stop when that is not possible."""
    path = socket_path(variables)
    if answers(path):
        return
    if f"unix://{path}" != STANDARD:
        raise Stop(f"No Docker engine answers at {path}: start it, or unset DOCKER_HOST.")
    if os.geteuid() != 0:
        raise Stop("No Docker engine is running: start it with “sudo systemctl start docker”, or run this as root.")
    with progress.step("Starting the Docker engine") as step:
        if SYSTEMD.exists():
            command.run(["systemctl", "start", "docker"], environment.of_children(), seconds=START_SECONDS)
            alive = _systemd_runs
        else:
            alive = _start(log)
        _wait(path, alive, log, step.heard)
    progress.say("The Docker engine was started; it keeps running after Ctrl-C, because services live in it.")


def _start(log: Path) -> Callable[[], bool]:
    """Start dockerd in the background, unless one is on its way already. Returns whether it is still alive."""
    if not _alive(_recorded()):
        log.parent.mkdir(parents=True, exist_ok=True)
        variables = {name: value for name, value in environment.of_children().items() if "KINTOHUB" not in name}
        program = shutil.which("dockerd", path=variables["PATH"]) or "dockerd"
        # The shell ends at once and leaves dockerd without a parent: nothing that ends us or our children ends it.
        script = 'setsid "$1" --live-restore >>"$2" 2>&1 </dev/null & echo $!'
        started = subprocess.run(
            ["/bin/sh", "-c", script, "sh", program, str(log)],
            env=variables, cwd="/", stdout=subprocess.PIPE, text=True, timeout=10, check=True,
        )  # fmt: skip
        process = int(started.stdout)
        return lambda: _alive(process)
    return lambda: _alive(_recorded())


def _wait(path: str, alive: Callable[[], bool], log: Path, heard: Callable[[str], None]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(path):
        if not alive():
            raise Stop(f"The Docker engine did not start; its log is {log}.", log_files.tail(log))
        if time.monotonic() > deadline:
            raise Stop(f"The Docker engine did not answer within {START_SECONDS:.0f} s.", log_files.tail(log))
        heard(log_files.tail(log, lines=1))
        if command.ending.wait(0.2):
            raise Stop("Stopped.")


def _systemd_runs() -> bool:
    state = subprocess.run(["systemctl", "is-failed", "--quiet", "docker"], timeout=10)
    return state.returncode != 0


def _recorded() -> int:
    try:
        return int(PID_FILE.read_text())
    except (OSError, ValueError):
        return 0


def _alive(process: int) -> bool:
    return process > 0 and Path(f"/proc/{process}").exists()
