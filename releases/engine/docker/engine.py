"""The engine on one host: plain Docker containers."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Generator, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from releases.engine.base import (
    SUCCESS,
    BuildRequest,
    Cancel,
    Capacity,
    Emit,
    Image,
    ImageDescription,
    Instance,
    InstanceRequest,
    Labels,
    Listener,
    Output,
    Probe,
    Rejected,
    Usage,
)
from releases.engine.docker.builds import Build
from releases.engine.docker.descriptions import describe
from releases.engine.docker.following import Follower
from releases.engine.docker.images import Images
from releases.engine.docker.instances import Instances
from releases.engine.docker.layers import Layers
from releases.engine.docker.names import Names
from releases.engine.docker.networks import Networks
from releases.engine.docker.observer import DockerObserver
from releases.engine.docker.transport import Transport
from releases.engine.docker.usage import usage

MIB = 1024 * 1024


class DockerEngine:
    """Safe to use from several threads: nothing is kept here but names, the API version and what does not change."""

    def __init__(self, installation: str, base_url: str | None = None) -> None:
        self._names = Names(installation)
        self._transport = Transport(base_url)
        self._networks = Networks(self._transport, self._names)
        self._images = Images(self._transport, self._names)
        self._layers = Layers(self._transport, self._names, self._images)
        self._instances = Instances(self._transport, self._names, self._networks, self._images)

    def ping(self) -> str:
        return f"Docker {self._transport.negotiate()['Version']}"

    def capacity(self) -> Capacity:
        machine = self._machine
        disk = os.statvfs(_existing(machine["DockerRootDir"]))
        return Capacity(
            cpus=machine["NCPU"],
            memory_mb=machine["MemTotal"] // MIB,
            memory_free_mb=_available_kb() // 1024,
            disk_free_mb=disk.f_bavail * disk.f_frsize // MIB,
        )

    @cached_property
    def _machine(self) -> dict[str, Any]:
        """Asked once, because the engine counts all it has for the answer."""
        with self._transport.sdk() as docker:
            described: dict[str, Any] = docker.info()
        return described

    def ensure_network(self, environment: str) -> str:
        return self._networks.ensure(environment)

    def remove_network(self, environment: str) -> None:
        if self._instances.all(Labels(environment=environment)):
            raise Rejected(f"The network of {environment} still has instances.")
        self._networks.remove(self._names.network(environment))

    def find_image(self, name: str) -> Image | None:
        return self._images.find(name)

    def describe_image(self, name: str) -> ImageDescription | None:
        return describe(self._transport, name)

    def read_layers(
        self, name: str, above: int, labels: Labels, cancelled: Cancel, seconds: float
    ) -> Generator[bytes, None, None]:
        return self._layers.read(name, above, labels, cancelled, seconds)

    def pull_image(self, name: str, emit: Emit, cancelled: Cancel, seconds: float) -> Image:
        return self._images.pull(name, emit, cancelled, seconds)

    def can_pull(self, name: str, seconds: float) -> bool:
        return self._images.can_pull(name, seconds)

    def import_image(
        self,
        name: str,
        tree: Callable[[], Iterator[bytes]],
        changes: Sequence[str],
        cancelled: Cancel,
        seconds: float,
    ) -> Image:
        return self._images.import_tree(name, tree, changes, cancelled, seconds)

    def mark(self) -> Mapping[str, str]:
        return self._names.image_labels

    def build(self, request: BuildRequest, emit: Emit, cancelled: Cancel) -> Image:
        network = self._networks.ensure_for_builds()
        return Build(self._transport, self._names, self._images, network, request, emit).run(cancelled)

    def tag_image(self, digest: str, tag: str) -> None:
        self._images.tag(digest, tag)

    def remove_image(self, name: str) -> None:
        self._images.remove(name)

    def remove_nameless(self, before: float) -> int:
        return self._images.remove_nameless(before)

    def start(self, request: InstanceRequest) -> Instance:
        return self._instances.start(request)

    def inspect(self, name: str) -> Instance:
        return self._instances.inspect(name)

    def instances(self, labels: Labels | None = None) -> list[Instance]:
        return self._instances.all(labels)

    def usage(self, labels: Labels | None = None) -> list[Usage]:
        return usage(self._transport, self._names, labels)

    def probe(self, name: str, port: int, path: str, host: str, expected: Container[int] = SUCCESS) -> Probe:
        return self._instances.probe(name, port, path, host, expected)

    def listeners(self, name: str) -> tuple[Listener, ...]:
        return self._instances.listeners(name)

    def output(self, name: str, cancelled: Cancel, since: float = 0.0) -> Iterator[Output]:
        return Follower(self._transport, self.inspect(name).id, cancelled, since).outputs()

    def observer(self) -> DockerObserver:
        return DockerObserver(self._transport, self._names)

    def stop(self, name: str, grace: float) -> None:
        self._instances.stop(name, grace)

    def remove(self, name: str) -> None:
        self._instances.remove(name)

    def purge(self) -> None:
        for instance in self._instances.all():
            self._instances.remove(instance.id)
        for network in self._networks.all():
            self._networks.remove(network)
        for image in self._images.all():
            self._images.remove(image)


def _existing(path: str) -> str:
    """The engine's directory, or the nearest one above it that this user may look at."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def _available_kb() -> int:
    """The kernel's own estimate (proc(5), MemAvailable), which counts caches that it would give up."""
    rows = (line.split() for line in Path("/proc/meminfo").read_text().splitlines())
    return next(int(row[1]) for row in rows if row[0] == "MemAvailable:")
