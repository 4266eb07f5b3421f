"""The engine's verbs over dictionaries. It refuses what a real engine refuses; further failures are made by name."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Container, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import ClassVar

from releases.engine.base import (
    SUCCESS,
    BuildRequest,
    Cancel,
    Cancelled,
    Capacity,
    Emit,
    EngineError,
    Image,
    ImageDescription,
    Instance,
    InstanceRequest,
    InstanceState,
    Labels,
    Listener,
    NotFound,
    Output,
    Probe,
    Rejected,
    Step,
    Stream,
    Unavailable,
    Usage,
)
from releases.engine.memory.behaviour import Behaviour, Behaviours
from releases.engine.memory.building import build, digest_of, packed
from releases.engine.memory.instances import Instances, matches
from releases.engine.memory.observer import MemoryObserver

MAX_IMAGES = 1000
PIECE = 64 * 1024
IMAGE_SIZE = 1_000_000
TRIP = 0.001  # seconds an answer takes


class MemoryEngine:
    """`behave` says what images do, `fail` breaks coming calls; both by name. Nothing listens at its addresses.

    `memory_free_mb` may be set: what its machine has free.
    """

    _shared: ClassVar[dict[str, MemoryEngine]] = {}

    def __init__(self, installation: str) -> None:
        self._installation = installation
        self.memory_free_mb = 3000
        self._images: dict[str, Image] = {}
        self._files: dict[str, Mapping[str, bytes]] = {}
        self._owned: set[str] = set()
        self._nameless: dict[str, float] = {}
        self._networks: set[str] = set()
        self._instances = Instances()
        self._behaviours = Behaviours()
        self._failures: dict[str, list[EngineError]] = defaultdict(list)
        self._lock = RLock()

    @classmethod
    def for_installation(cls, installation: str) -> MemoryEngine:
        """The one that everything in this process shares for an installation."""
        return cls._shared.setdefault(installation, cls(installation))

    def fail(self, call: str, error: EngineError | None = None, times: int = 1) -> None:
        """The next calls with this name, for example "start", raise this; Unavailable when nothing is given."""
        if call.startswith("_") or call not in dir(MemoryEngine):
            raise ValueError(f"An engine has no call {call!r}.")
        self._failures[call] += [error or Unavailable("The engine does not answer.")] * times

    def behave(self, image: str, behaviour: Behaviour) -> None:
        """For images with a name that matches this pattern (`*` is all); the latest rule that matches counts."""
        self._behaviours.add(image, behaviour)

    def print(self, instance: str, *lines: str) -> None:
        """Let an instance print something now."""
        for line in lines:
            self._instances.get(instance).print(line)

    def crash(self, instance: str, exit_code: int) -> None:
        """End an instance as if by itself."""
        self._instances.get(instance).end(exit_code)

    def restart(self, instance: str) -> None:
        """Run an instance that has ended once more, as a real engine does by itself."""
        self._instances.get(instance).restart()

    def use(self, instance: str, cpu_seconds: float = 0.0, memory_mb: float | None = None) -> None:
        """Let an instance work for so long, and hold so much memory from now on."""
        self._instances.get(instance).use(cpu_seconds, memory_mb)

    def cut_off(self, made: float) -> str:
        """Leave what a build leaves that was cut off at this time: an image without a name. Returns its digest."""
        digest = digest_of([str(len(self._nameless)).encode(), str(made).encode()])
        self._store(digest, digest, owned=True)
        self._nameless[digest] = made
        return digest

    def answer(self, instance: str, status: int, body: str = "") -> None:
        """Let an instance answer so from now on."""
        running = self._instances.get(instance)
        running.behaviour = replace(running.behaviour, listens=True, status=status, body=body)

    def asked(self, instance: str) -> int:
        """How many times an instance was probed."""
        return self._instances.get(instance).asked

    def request_of(self, instance: str) -> InstanceRequest:
        """What an instance was started with."""
        return self._instances.get(instance).request

    def ping(self) -> str:
        self._called("ping")
        return "Memory 1"

    def capacity(self) -> Capacity:
        self._called("capacity")
        return Capacity(cpus=2, memory_mb=4096, memory_free_mb=self.memory_free_mb, disk_free_mb=50_000)

    def ensure_network(self, environment: str) -> str:
        self._called("ensure_network")
        self._networks.add(self._network(environment))
        return self._network(environment)

    def remove_network(self, environment: str) -> None:
        self._called("remove_network")
        if any(running.request.network == self._network(environment) for running in self._instances.all()):
            raise Rejected(f"The network of {environment} still has instances.")
        self._networks.discard(self._network(environment))

    def find_image(self, name: str) -> Image | None:
        self._called("find_image")
        return self._find(name)

    def describe_image(self, name: str) -> ImageDescription | None:
        self._called("describe_image")
        image = self._find(name)
        if not image:
            return None
        names = self._names(image)
        behaviour = self._behaviours.of(names)
        managed = not self._owned.isdisjoint(names)
        steps = tuple(Step(text, image.digest) for text in behaviour.steps)
        return ImageDescription(managed, behaviour.triggers, steps, (image.digest,), "[]")

    def read_layers(
        self, name: str, above: int, labels: Labels, cancelled: Cancel, seconds: float
    ) -> Generator[bytes, None, None]:
        self._called("read_layers")
        image = self._find(name)
        if not image:
            raise NotFound(f"There is no image {name}.")
        if cancelled():
            raise Cancelled("Reading the image was cancelled.")
        files = {} if above else self._files.get(image.digest, {})
        content = packed({f"0/{path}": content for path, content in files.items()})
        yield from (content[at : at + PIECE] for at in range(0, len(content), PIECE))

    def pull_image(self, name: str, emit: Emit, cancelled: Cancel, seconds: float) -> Image:
        self._called("pull_image")
        if cancelled():
            raise Cancelled(f"The download of {name} was cancelled.")
        emit(Output(Stream.SYSTEM, f"Pulled {name}\n".encode(), time.time()))
        return self._store(name, digest_of([name.encode()]), owned=False)

    def can_pull(self, name: str, seconds: float) -> bool:
        """Unless `fail("can_pull")` was called, because this call raises nothing."""
        try:
            self._called("can_pull")
        except EngineError:
            return False
        return True

    def import_image(
        self,
        name: str,
        tree: Callable[[], Iterator[bytes]],
        changes: Sequence[str],
        cancelled: Cancel,
        seconds: float,
    ) -> Image:
        self._called("import_image")
        digest = digest_of([*tree(), *(change.encode() for change in changes)])
        if cancelled():
            raise Cancelled(f"The import of {name} was cancelled.")
        return self._store(name, digest, owned=False)

    def mark(self) -> Mapping[str, str]:
        return {"memory.installation": self._installation}

    def build(self, request: BuildRequest, emit: Emit, cancelled: Cancel) -> Image:
        self._called("build")
        built = build(request, self._behaviours.of([request.tag]), emit, cancelled)
        self._files[built.digest] = built.files
        return self._store(request.tag, built.digest, owned=not request.shared)

    def tag_image(self, digest: str, tag: str) -> None:
        self._called("tag_image")
        image = self._find(digest)
        if not image:
            raise NotFound(f"There is no image {digest}.")
        self._store(tag, image.digest, owned=True)

    def remove_image(self, name: str) -> None:
        self._called("remove_image")
        with self._lock:
            for image in [image for image in self._images.values() if name in (image.name, image.digest)]:
                if image.name in self._owned:
                    del self._images[image.name]

    def remove_nameless(self, before: float) -> int:
        self._called("remove_nameless")
        with self._lock:
            old = [digest for digest, made in self._nameless.items() if made < before]
            for digest in old:
                del self._nameless[digest], self._images[digest]
        return len(old)

    def start(self, request: InstanceRequest) -> Instance:
        self._called("start")
        image = self._find(request.image)
        if not image:
            raise NotFound(f"There is no image {request.image}.")
        if request.network not in self._networks:
            raise NotFound(f"There is no network {request.network} in this installation.")
        return self._instances.start(request, self._behaviours.of(self._names(image)))

    def inspect(self, name: str) -> Instance:
        self._called("inspect")
        return self._instances.get(name).instance

    def instances(self, labels: Labels | None = None) -> list[Instance]:
        self._called("instances")
        found = [running.instance for running in self._instances.all()]
        return [instance for instance in found if matches(instance.labels, labels or Labels())]

    def usage(self, labels: Labels | None = None) -> list[Usage]:
        self._called("usage")
        found = [running.usage for running in self._instances.all()]
        return [usage for usage in found if matches(usage.instance.labels, labels or Labels())]

    def probe(self, name: str, port: int, path: str, host: str, expected: Container[int] = SUCCESS) -> Probe:
        self._called("probe")
        running = self._instances.get(name)
        running.asked += 1
        if running.instance.state is not InstanceState.RUNNING:
            return Probe(False, "it is not running")
        if not running.behaviour.listens:
            return Probe(False, "the connection was refused")
        if not path:
            return Probe(True, "the port accepts connections", TRIP)
        status, body = running.behaviour.status, running.behaviour.body
        return Probe(status in expected, f"the answer has status {status}", TRIP, status, body)

    def listeners(self, name: str) -> tuple[Listener, ...]:
        self._called("listeners")
        return self._instances.get(name).listeners

    def output(self, name: str, cancelled: Cancel, since: float = 0.0) -> Iterator[Output]:
        self._called("output")
        return self._instances.get(name).follow(cancelled, since)

    def observer(self) -> MemoryObserver:
        self._called("observer")
        return MemoryObserver(self._instances)

    def stop(self, name: str, grace: float) -> None:
        self._called("stop")
        if running := self._instances.find(name):
            running.end(143, asked=True)

    def remove(self, name: str) -> None:
        self._called("remove")
        self._instances.remove(name)

    def purge(self) -> None:
        self._called("purge")
        for running in self._instances.all():
            self._instances.remove(running.instance.name)
        self._networks.clear()
        with self._lock:
            self._images = {name: image for name, image in self._images.items() if name not in self._owned}

    def _called(self, call: str) -> None:
        with self._lock:
            if self._failures[call]:
                raise self._failures[call].pop(0)

    def _network(self, environment: str) -> str:
        return f"kh-{self._installation}-{environment}"

    def _find(self, name: str) -> Image | None:
        with self._lock:
            found = next((image for image in self._images.values() if name in (image.name, image.digest)), None)
        return replace(found, name=name) if found else None

    def _names(self, image: Image) -> list[str]:
        with self._lock:
            return [name for name, other in self._images.items() if other.digest == image.digest]

    def _store(self, name: str, digest: str, owned: bool) -> Image:
        with self._lock:
            if len(self._images) >= MAX_IMAGES:
                raise Rejected("The memory engine holds no more images.")
            self._images[name] = Image(name, digest, IMAGE_SIZE)
            (self._owned.add if owned else self._owned.discard)(name)
            return self._images[name]
