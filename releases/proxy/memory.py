"""A proxy without a process: the same contract, for tests and demonstrations. Failures are made by name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from threading import RLock

from releases.proxy import rules
from releases.proxy.base import Answer, Open, ProxyError, ProxyRejected, ProxyUnavailable, Served, Slot, Table, Traffic


class MemoryProxy:
    """`connect` opens connections in a slot, `serve` counts answers of its visitors; `fail` breaks coming calls.

    `deaf` holds targets that fail their checks, as slot and name. A host in `silent` gives no answer, one in `answers`
    that answer instead of its release's. `restart` is what a kill and a new start do.

    A slot in `mute` takes connections and answers nothing when it is asked itself.
    """

    def __init__(self, slots: int = 1000) -> None:
        self.slots = slots
        self.silent: set[str] = set()
        self.mute: set[int] = set()
        self.deaf: set[tuple[int, str]] = set()
        self._filled: dict[int, Slot] = {}
        self._hosts: dict[str, int] = {}
        self.answers: dict[str, Answer] = {}
        self._run = 1
        self._open: dict[int, Open] = {}
        self._traffic: dict[int, Traffic] = {}
        self._seconds: dict[int, float] = {}
        self._failures: dict[str, list[ProxyError]] = defaultdict(list)
        self._lock = RLock()

    def fail(self, call: str, error: ProxyError | None = None, times: int = 1) -> None:
        """The next calls with this name, for example "point", raise this; ProxyUnavailable when nothing is given."""
        if call not in dir(MemoryProxy):
            raise ValueError(f"A proxy has no call {call!r}.")
        self._failures[call] += [error or ProxyUnavailable("The proxy does not answer.")] * times

    def connect(self, slot: int, requests: int = 0, long: int = 0) -> None:
        """Open requests and long connections in a slot, or end some with negative numbers."""
        with self._lock:
            now = self._open.get(slot, Open())
            self._open[slot] = Open(max(0, now.requests + requests), max(0, now.long + long))

    def serve(self, slot: int, answers: int = 1, errors: int = 0, seconds: float = 0.0) -> None:
        """Count answers that visitors of the slot got, `errors` of them errors; `seconds` is the average from now."""
        with self._lock:
            self._seconds[slot] = seconds
            now = self._traffic.get(slot, Traffic())
            self._traffic[slot] = Traffic(now.answers + answers, now.errors + errors)

    def restart(self) -> None:
        """Open connections end and counters begin anew; routes stay."""
        with self._lock:
            self._run += 1
            self._open, self._traffic, self._seconds = {}, {}, {}

    def ping(self) -> str:
        self._called("ping")
        return "Memory 1"

    def fill(self, slot: Slot) -> None:
        rules.check_slot(slot, self.slots)
        with self._lock:
            self._called("fill")
            before = self._filled.get(slot.number)
            rules.check_owner(slot, before.release if before else None, self._hosts)
            if before and before.release != slot.release:
                self._seconds.pop(slot.number, None)
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

    def open(self, slot: int) -> Open:
        rules.check_number(slot, self.slots)
        self._called("open")
        return self._open.get(slot, Open())

    def close(self, slot: int, count: int) -> int:
        rules.check_number(slot, self.slots)
        with self._lock:
            self._called("close")
            now = self._open.get(slot, Open())
            long = max(0, now.long - count)
            requests = max(0, now.requests - (count - (now.long - long)))
            self._open[slot] = Open(requests, long)
            return requests + long

    def empty(self, slot: int) -> None:
        rules.check_number(slot, self.slots)
        with self._lock:
            self._called("empty")
            rules.check_unused(slot, self._hosts)
            self._filled.pop(slot, None)
            self._open.pop(slot, None)

    def ask(self, host: str, path: str = "/") -> Answer:
        host = rules.check_host(host)
        with self._lock:
            self._called("ask")
            if host in self.silent:
                return Answer(None, None, 10.0, "there was no answer within 10 s")
            number = self._hosts.get(host)
            if number is None:
                return Answer(None, 404, 0.0)
            slot = self._filled.get(number)
            own = Answer(slot.release, 200, 0.0) if slot else Answer(None, 503, 0.0)
            answer = self.answers.get(host, own)
            self.serve(number, 1, int(bool(answer.problem) or (answer.status or 0) >= 500))
            return answer

    def ask_slot(self, slot: int, host: str, path: str = "/") -> Answer:
        host = rules.check_host(host)
        rules.check_number(slot, self.slots)
        with self._lock:
            self._called("ask_slot")
            if slot in self.mute:
                return Answer(None, None, 10.0, "there was no answer within 10 s")
            held = self._filled.get(slot)
            return Answer(held.release, 200, 0.0) if held else Answer(None, 503, 0.0)

    def traffic(self, slot: int) -> Traffic:
        rules.check_number(slot, self.slots)
        self._called("traffic")
        return self._traffic.get(slot, Traffic())

    def served(self) -> dict[int, Served]:
        with self._lock:
            self._called("served")
            return {number: self._served(number) for number in sorted(self._filled.keys() | self._traffic.keys())}

    def started(self) -> str:
        self._called("started")
        return f"run {self._run}"

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

    def _served(self, number: int) -> Served:
        targets = self._filled[number].targets if number in self._filled else ()
        answering = {target.name: (number, target.name) not in self.deaf for target in targets}
        seconds = self._seconds.get(number) if targets else None
        return Served(self._traffic.get(number, Traffic()), seconds, answering)

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
