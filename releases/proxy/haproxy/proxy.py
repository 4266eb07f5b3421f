"""HAProxy as the proxy: every change is made at its runtime socket first, then kept in the files it starts from."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from releases.proxy import rules
from releases.proxy.base import Answer, Open, ProxyRejected, ProxyUnavailable, Served, Slot, Table, Target, Traffic
from releases.proxy.haproxy import changes, config, probe, sessions, statistics
from releases.proxy.haproxy.files import Files
from releases.proxy.haproxy.repair import hosts, repair
from releases.proxy.haproxy.runtime import Runtime, Server

# HAProxy deletes a server only when its last connection is gone; closing them takes milliseconds.
REMOVAL_SECONDS = 1.0
CUT_SECONDS = 5.0
REMOVAL_PAUSE = 0.02


class HAProxy:
    def __init__(self, socket: Path | str, directory: Path | str, public_port: int, slots: int) -> None:
        """`directory` holds what `Files.write` put there, and HAProxy runs from it."""
        self.slots = slots
        self._public_port = public_port
        self._runtime = Runtime(Path(socket))
        self._files = Files(Path(directory))

    def ping(self) -> str:
        info = self._runtime.info()
        return f"{info.get('Name', 'HAProxy')} {info.get('Version', '')}".strip()

    def fill(self, slot: Slot) -> None:
        rules.check_slot(slot, self.slots)
        with self._files.locked():
            present = {server.name: server for server in self._servers(slot.number)}
            self._check_owner(slot, present)
            for target in slot.targets:
                changes.put(self._runtime, slot, target, present.get(config.server(slot.release, target)))
            self._take_out(server for name, server in present.items() if name not in config.names(slot))
            self._files.store_slot(slot.number, slot)
        self._remove_leftovers(slot.number, REMOVAL_SECONDS)

    def point(self, host: str, slot: int) -> None:
        host = rules.check_host(host)
        rules.check_number(slot, self.slots)
        with self._files.locked():
            if not any(server.ready for server in self._servers(slot)):
                raise ProxyRejected(f"Slot {slot} has no instance, so {host} cannot go there.")
            changes.point(self._runtime, host, slot)
            self._files.move_host(host, slot)

    def forget(self, host: str) -> None:
        host = rules.check_host(host)
        with self._files.locked():
            changes.forget(self._runtime, host)
            self._files.move_host(host, None)

    def open(self, slot: int) -> Open:
        rules.check_number(slot, self.slots)
        return sessions.count(self._runtime, config.backend(slot))

    def close(self, slot: int, count: int) -> int:
        rules.check_number(slot, self.slots)
        return sessions.close(self._runtime, config.backend(slot), count)

    def empty(self, slot: int) -> None:
        rules.check_number(slot, self.slots)
        with self._files.locked():
            rules.check_unused(slot, hosts(self._runtime))
            self._take_out(self._servers(slot))
            self._files.store_slot(slot, None)
        if not self._remove_leftovers(slot, CUT_SECONDS, cut=True):
            raise ProxyUnavailable(f"Slot {slot} still closes connections after {CUT_SECONDS:.0f} s.")

    def ask(self, host: str, path: str = "/") -> Answer:
        return probe.ask(rules.check_host(host), path, self._public_port, self._files.token())

    def ask_slot(self, slot: int, host: str, path: str = "/") -> Answer:
        rules.check_number(slot, self.slots)
        token = self._files.token()
        return probe.ask(rules.check_host(host), path, self._public_port, token, config.backend(slot))

    def traffic(self, slot: int) -> Traffic:
        rules.check_number(slot, self.slots)
        return statistics.traffic(self._runtime.count(config.backend(slot), *statistics.COUNTED))

    def served(self) -> dict[int, Served]:
        return statistics.served(self._runtime.rows())

    def started(self) -> str:
        info = self._runtime.info()
        return f"{info.get('Pid')} since {info.get('Start_time_sec')}"

    def table(self) -> Table:
        found: dict[int, dict[str, list[Target]]] = defaultdict(lambda: defaultdict(list))
        for server in self._runtime.servers():
            if server.ready:
                release, _, name = server.name.partition(".")
                found[config.number_of(server.backend)][release].append(Target(name, server.address, server.port))
        slots = (config.slot_of(number, by_release) for number, by_release in sorted(found.items()))
        return Table(tuple(slot for slot in slots if slot), hosts(self._runtime))

    def restore(self, table: Table) -> list[str]:
        table = rules.check_table(table, self.slots)
        with self._files.locked():
            done = list(repair(self._runtime, table))
            if self._files.store(table):
                done.append("What HAProxy starts from was out of date and was written anew.")
        for number in {config.number_of(server.backend) for server in self._runtime.servers() if not server.ready}:
            self._remove_leftovers(number, 0)
        return done

    def _servers(self, number: int) -> list[Server]:
        return self._runtime.servers(config.backend(number))

    def _check_owner(self, slot: Slot, present: Mapping[str, Server]) -> None:
        owners = {name.partition(".")[0] for name, server in present.items() if server.ready}
        for owner in owners - {slot.release}:
            rules.check_owner(slot, owner, hosts(self._runtime))

    def _take_out(self, servers: Iterable[Server]) -> None:
        for server in servers:
            changes.take_out(self._runtime, server)

    def _remove_leftovers(self, number: int, seconds: float, cut: bool = False) -> bool:
        """Delete what was taken out as its connections end; what is busy after `seconds` waits for the next call."""
        deadline = time.monotonic() + seconds
        while True:
            with self._files.locked():
                out = [server for server in self._servers(number) if not server.ready]
                left = [server for server in out if not self._removed(server, cut)]
            if not left or time.monotonic() > deadline:
                return not left
            time.sleep(REMOVAL_PAUSE)

    def _removed(self, server: Server, cut: bool) -> bool:
        if cut:
            changes.cut(self._runtime, server)
        return changes.remove(self._runtime, server)
