"""The memory engine's instances and what they print."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from threading import Lock

from releases.engine.base import (
    Cancel,
    Family,
    Instance,
    InstanceRequest,
    InstanceState,
    Labels,
    Listener,
    NotFound,
    Output,
    Rejected,
    Stream,
    Usage,
)
from releases.engine.memory.behaviour import Behaviour
from releases.engine.observing import Event, Happening

ADDRESSES = IPv4Network("127.0.0.0/16")
MAX_INSTANCES = 1000
MAX_OUTPUTS = 200_000
PAUSE = 0.01


@dataclass
class Running:
    """One instance; `outputs` only grows."""

    instance: Instance
    request: InstanceRequest
    behaviour: Behaviour
    address: str
    outputs: list[Output] = field(default_factory=list)
    asked: int = 0
    events: list[Event] = field(default_factory=list)
    started: float = field(default_factory=time.time)
    cpu_seconds: float = 0.0
    memory_mb: float = 1.0

    @property
    def usage(self) -> Usage:
        limit = self.request.limits.memory_mb
        if self.instance.state is not InstanceState.RUNNING:
            return Usage(self.instance, self.started, limit)
        return Usage(self.instance, self.started, limit, self.cpu_seconds, self.memory_mb)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        if self.instance.state is not InstanceState.RUNNING:
            return ()
        if self.behaviour.listeners is not None:
            return self.behaviour.listeners
        port = self.request.environment.get("PORT", "")
        return (Listener(Family.IPV4, "0.0.0.0", int(port)),) if self.behaviour.listens and port else ()  # noqa: S104

    def print(self, line: str) -> None:
        if len(self.outputs) >= MAX_OUTPUTS:
            raise Rejected("The memory engine keeps no more output.")
        last = self.outputs[-1].time if self.outputs else 0.0
        self.outputs.append(Output(Stream.STDOUT, f"{line}\n".encode(), max(time.time(), last + 0.000001)))

    def use(self, cpu_seconds: float, memory_mb: float | None) -> None:
        self.cpu_seconds += cpu_seconds
        self.memory_mb = self.memory_mb if memory_mb is None else memory_mb

    def end(self, exit_code: int, *, asked: bool = False) -> None:
        if self.instance.state is InstanceState.RUNNING:
            self.instance = replace(
                self.instance, state=InstanceState.EXITED, address="", exit_code=exit_code, ended=time.time()
            )
            self.tell(Happening.ENDED, exit_code, asked)

    def tell(self, happening: Happening, exit_code: int | None = None, asked: bool = False) -> None:
        one = self.instance
        self.events.append(Event(happening, one.id, one.name, one.labels, time.time_ns(), exit_code, asked))

    def restart(self) -> None:
        if self.instance.state is InstanceState.RUNNING:
            raise Rejected(f"The instance {self.instance.name} is running.")
        restarts = self.instance.restarts + 1
        self.started, self.cpu_seconds = max(time.time(), self.started + 0.000001), 0.0
        self.instance = replace(self.instance, state=InstanceState.RUNNING, address=self.address, restarts=restarts)
        self.tell(Happening.STARTED)

    def follow(self, cancelled: Cancel, since: float) -> Iterator[Output]:
        given = 0
        while True:
            over = self.instance.state is not InstanceState.RUNNING
            fresh = self.outputs[given:]
            given += len(fresh)
            yield from (output for output in fresh if output.time > since)
            if (over and not fresh) or cancelled():
                return
            time.sleep(0 if fresh else PAUSE)


class Instances:
    """By name or id; safe to use from several threads."""

    def __init__(self) -> None:
        self._by_name: dict[str, Running] = {}
        self._lock = Lock()
        self._started = 0
        self.events: list[Event] = []

    def start(self, request: InstanceRequest, behaviour: Behaviour) -> Instance:
        with self._lock:
            if len(self._by_name) >= MAX_INSTANCES:
                raise Rejected("The memory engine holds no more instances.")
            self._started += 1
            address = str(ADDRESSES[self._started % ADDRESSES.num_addresses])
            running = _running(request, behaviour, address, self.events)
            if replaced := self._by_name.pop(request.name, None):
                replaced.end(137, asked=True)
            self._by_name[request.name] = running
            return running.instance

    def find(self, name: str) -> Running | None:
        with self._lock:
            every = self._by_name.values()
            return self._by_name.get(name) or next((one for one in every if one.instance.id == name), None)

    def get(self, name: str) -> Running:
        if running := self.find(name):
            return running
        raise NotFound(f"There is no instance {name} in this installation.")

    def remove(self, name: str) -> None:
        if running := self.find(name):
            running.end(137, asked=True)
            with self._lock:
                self._by_name.pop(running.instance.name, None)
            running.tell(Happening.REMOVED)

    def all(self) -> list[Running]:
        with self._lock:
            return list(self._by_name.values())


def _running(request: InstanceRequest, behaviour: Behaviour, address: str, events: list[Event]) -> Running:
    instance = Instance(uuid.uuid4().hex, request.name, InstanceState.RUNNING, address, request.labels)
    running = Running(instance, request, behaviour, address, events=events)
    running.tell(Happening.STARTED)
    for line in behaviour.lines:
        running.print(line)
    if behaviour.exit_code is not None:
        running.end(behaviour.exit_code)
        running.instance = replace(running.instance, out_of_memory=behaviour.out_of_memory)
    return running


def matches(labels: Labels, wanted: Labels) -> bool:
    """Empty fields match everything."""
    fields = ("environment", "service", "release", "instance")
    return all(getattr(wanted, name) in ("", getattr(labels, name)) for name in fields)
