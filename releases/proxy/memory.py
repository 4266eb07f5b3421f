"""A proxy without a process: the same contract, for tests and demonstrations. Failures are made by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from threading import RLock

from releases.proxy import rules
from releases.proxy.base import ProxyError, ProxyRejected, ProxyUnavailable, Slot, Table


class MemoryProxy:
    """`open` adds connections to a slot; `fail` breaks coming calls; a host in `silent` gives no answer."""

    def __init__(self, slots: int = 1000) -> None:
        self.slots = slots
        self.silent: set[str] = set()
        self._filled: dict[int, Slot] = {}
        self._hosts: dict[str, int] = {}
        self._open: Counter[int] = Counter()
        self._failures: dict[str, list[ProxyError]] = defaultdict(list)
        self._lock = RLock()

    def fail(self, call: str, error: ProxyError | None = None, times: int = 1) -> None:
        """The next calls with this name, for example "point", raise this; ProxyUnavailable when nothing is given."""
        if call not in dir(MemoryProxy):
            raise ValueError(f"A proxy has no call {call!r}.")
        self._failures[call] += [error or ProxyUnavailable("The proxy does not answer.")] * times

    def open(self, slot: int, connections: int = 1) -> None:
        """Open connections in a slot, or close some with a negative number."""
        self._open[slot] = max(0, self._open[slot] + connections)

    def ping(self) -> str:
        self._called("ping")
        return "Memory 1"

    def fill(self, slot: Slot) -> None:
        rules.check_slot(slot, self.slots)
        with self._lock:
            self._called("fill")
            before = self._filled.get(slot.number)
            rules.check_owner(slot, before.release if before else None, self._hosts)
            self._filled.pop(slot.number, None)
            self._put(slot)

    def point(self, host: str, slot: int) -> None:
        host = rules.check_host(host)
        rules.check_number(slot, self.slots)
        with self._lock:
            self._called("point")
            if slot not in self._filled:
                raise ProxyRejected(f"Slot {slot} has no instance, so {host} cannot go there.")
            self._hosts[host] = slot

    def forget(self, host: str) -> None:
        host = rules.check_host(host)
        self._called("forget")
        self._hosts.pop(host, None)

    def connections(self, slot: int) -> int:
        rules.check_number(slot, self.slots)
        self._called("connections")
        return self._open[slot]

    def empty(self, slot: int) -> None:
        rules.check_number(slot, self.slots)
        with self._lock:
            self._called("empty")
            rules.check_unused(slot, self._hosts)
            self._filled.pop(slot, None)
            self._open.pop(slot, None)

    def answering(self, host: str) -> str | None:
        host = rules.check_host(host)
        with self._lock:
            self._called("answering")
            slot = self._filled.get(self._hosts.get(host, -1))
            return slot.release if slot and host not in self.silent else None

    def table(self) -> Table:
        with self._lock:
            self._called("table")
            return Table(tuple(slot for _, slot in sorted(self._filled.items())), dict(self._hosts))

    def restore(self, table: Table) -> list[str]:
        table = rules.check_table(table, self.slots)
        with self._lock:
            self._called("restore")
            before = self.table()
            self._filled, self._hosts = {}, dict(table.hosts)
            for slot in table.slots:
                self._put(slot)
            return _differences(before, self.table())

    def _put(self, slot: Slot) -> None:
        if slot.targets:
            targets = sorted(slot.targets, key=lambda target: target.name)
            self._filled[slot.number] = replace(slot, targets=tuple(targets))

    def _called(self, call: str) -> None:
        if self._failures[call]:
            raise self._failures[call].pop(0)


def _differences(before: Table, after: Table) -> list[str]:
    slots = {f"Slot {slot.number} was repaired." for slot in set(before.slots) ^ set(after.slots)}
    hosts = {f"{host} was repaired." for host, _ in before.hosts.items() ^ after.hosts.items()}
    return sorted(slots | hosts)
