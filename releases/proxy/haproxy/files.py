"""The directory HAProxy starts from: what it holds is what a restarted HAProxy does, so files are replaced whole."""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from releases.proxy.base import ProxyUnavailable, Slot, Table
from releases.proxy.haproxy import config

LOCK_SECONDS = 10.0
LOCK_PAUSE = 0.005


class Files:
    """The configuration, the host map, the probe token and the lock of one proxy."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.configuration = directory / "haproxy.cfg"
        self.hosts = directory / "hosts.map"
        self._token = directory / "probe.token"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One change at a time, over all threads and processes; freed when its holder dies. Raises ProxyUnavailable."""
        with self._reported(), (self.directory / "lock").open("a") as handle:
            _wait_for_lock(handle.fileno())
            yield

    def table(self) -> Table:
        """What a restarted HAProxy would do."""
        with self._reported():
            return Table(config.parse_slots(self.configuration.read_text()), config.parse_hosts(self._hosts_text()))

    def store_slot(self, number: int, slot: Slot | None) -> None:
        """Record what a slot holds; None: nothing."""
        with self._reported():
            before = self.configuration.read_text()
            _replace_if_changed(self.configuration, before, config.with_slot(before, number, slot))

    def store(self, table: Table) -> bool:
        """Record a whole table. Says whether anything changed."""
        with self._reported():
            before = self.configuration.read_text()
            changed = _replace_if_changed(self.configuration, before, config.with_slots(before, table.slots))
        return self._store_hosts(table.hosts) or changed

    def move_host(self, host: str, slot: int | None) -> None:
        """Record where a host goes; None: nowhere."""
        with self._reported():
            before = self._hosts_text()
            _replace_if_changed(self.hosts, before, config.with_host(before, host, slot))

    def token(self) -> str:
        """The secret that makes the proxy say which release answered; made once."""
        with self._reported():
            if not self._token.exists():
                replace(self._token, secrets.token_hex(16))
            return self._token.read_text()

    def write(self, parameters: config.Parameters) -> bool:
        """Write the configuration for these parameters and keep the routes. Says whether anything changed."""
        table = self.table() if self.configuration.exists() else Table()
        text = config.render(parameters, table.slots)
        with self._reported():
            if not self.hosts.exists():
                replace(self.hosts, "")
            before = self.configuration.read_text() if self.configuration.exists() else ""
            return _replace_if_changed(self.configuration, before, text)

    def _store_hosts(self, hosts: Mapping[str, int]) -> bool:
        with self._reported():
            return _replace_if_changed(self.hosts, self._hosts_text(), config.render_hosts(hosts))

    def _hosts_text(self) -> str:
        return self.hosts.read_text() if self.hosts.exists() else ""

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ProxyUnavailable(f"The proxy's files in {self.directory} cannot be used: {error}") from error


def _wait_for_lock(descriptor: int) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"another change has held the lock for {LOCK_SECONDS:.0f} s") from error
            time.sleep(LOCK_PAUSE)


def replace(path: Path, text: str) -> None:
    """Put a whole new file, readable by its owner only, in place of the old one; a power cut leaves one of the two."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _replace_if_changed(path: Path, before: str, text: str) -> bool:
    if text != before:
        replace(path, text)
    return text != before


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
