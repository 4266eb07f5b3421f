"""The engine: what builds images and runs instances. One interface, no Django, no SDK objects in or out."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from releases.engine.observing import Observer


class EngineError(Exception):
    """What an engine call can end in. `retryable` says whether the same call may succeed later."""

    retryable = False


class Unavailable(EngineError):
    """The engine does not answer, or did not in time."""

    retryable = True


class NotFound(EngineError):
    """The named image, instance or network does not exist (in this installation)."""


class Rejected(EngineError):
    """The engine understood and refused; the text says why."""


class Cancelled(EngineError):
    """The caller's `cancelled` turned true while the call was running; what it had begun is gone."""


class BuildFailed(EngineError):
    """The build ended without an image. `exit_code` is the failing command's, where one ran; `instruction` its line."""

    def __init__(self, message: str, *, exit_code: int | None = None, instruction: str = "") -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.instruction = instruction


class Stream(StrEnum):
    STDOUT = "stdout"
    STDERR = "stderr"
    SYSTEM = "system"  # the engine's own lines: build steps, pull progress


@dataclass(frozen=True)
class Output:
    """A piece of output as it came: not a line, may hold several or a part of one. `time` in seconds since 1970."""

    stream: Stream
    data: bytes
    time: float


@dataclass(frozen=True)
class Labels:
    """Who an engine object belongs to. Written on every object; the only source for reconciling."""

    environment: str = ""
    service: str = ""
    release: str = ""
    instance: str = ""


@dataclass(frozen=True)
class Limits:
    """Bounds of a build or an instance. `cpu` in cores, memory in MiB."""

    memory_mb: int
    cpu: float
    processes: int = 512


@dataclass(frozen=True)
class Image:
    """A stored image. `digest` is `sha256:...` and never moves; `size` in bytes."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True)
class Step:
    """How a part of an image was made. `image` is what it was then, where the engine still knows."""

    text: str
    image: str = ""


@dataclass(frozen=True)
class ImageDescription:
    """What an image says of itself, whoever it belongs to. `managed`: it is a service's, of any installation.

    `triggers` are instructions that it adds to a build that starts from it; `history` how each of its steps was made,
    the oldest first; `layers` the ids of its file layers, the lowest first; `configuration` all else, as JSON.
    """

    managed: bool
    triggers: tuple[str, ...]
    history: tuple[Step, ...]
    layers: tuple[str, ...]
    configuration: str


@dataclass(frozen=True)
class BuildRequest:
    """`context()` yields the tar stream, at most once; `dockerfile` names a member of it. `seconds` is the limit.

    What `context()` raises ends the build and reaches the caller; its own waits must be bounded. A `shared` image
    belongs to no installation: all see it, none removes it. `is_marked` says that the Dockerfile itself carries
    `Engine.mark()`; otherwise the engine writes it on the image in a step of its own at the end.
    """

    tag: str
    context: Callable[[], Iterator[bytes]]
    dockerfile: str
    limits: Limits
    seconds: float
    labels: Labels = field(default_factory=Labels)
    build_args: Mapping[str, str] = field(default_factory=dict, repr=False)
    shared: bool = False
    is_marked: bool = False


class InstanceState(StrEnum):
    CREATED = "created"
    RUNNING = "running"
    RESTARTING = "restarting"
    EXITED = "exited"


@dataclass(frozen=True)
class InstanceRequest:
    """One container. `name` is unique in the installation; `network` is the environment's; `alias` the service's name.

    `command` is the start command line, run by a shell; empty means the image's own.
    """

    name: str
    image: str
    network: str
    alias: str
    limits: Limits
    labels: Labels
    command: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Instance:
    """A container as the engine sees it now. `address` is its IP on the environment's network; empty unless it runs.

    The address is the same at every restart, and the next instance in the network gets another while there is one.
    `exit_code` is how it ended, also when it has been restarted since, as far as the engine still knows. `ended` is
    when that was, in seconds since 1970.
    """

    id: str
    name: str
    state: InstanceState
    address: str
    labels: Labels
    exit_code: int | None = None
    out_of_memory: bool = False
    restarts: int = 0
    ended: float | None = None


@dataclass(frozen=True)
class Usage:
    """What an instance uses now. `started`: seconds since 1970, of its last start; the CPU time counts from there.

    Memory is the working set in MiB. CPU time and memory are None unless it runs; the limit is 0 where there is none.
    """

    instance: Instance
    started: float
    memory_limit_mb: int
    cpu_seconds: float | None = None
    memory_mb: float | None = None


@dataclass(frozen=True)
class Capacity:
    """What the engine's machine has. Memory and disk in MiB.

    `memory_free_mb` is what new programs can have without anything being pushed out.
    """

    cpus: int
    memory_mb: int
    memory_free_mb: int
    disk_free_mb: int


@dataclass(frozen=True)
class Probe:
    """One attempt to reach an instance. `text` says what happened, as the end of a sentence.

    `seconds` until the connection stood, or the first line of the answer was there; `status` of an HTTP answer, and
    `head` the first readable characters of its body (of the whole answer, when it is not HTTP).
    """

    ok: bool
    text: str
    seconds: float = 0.0
    status: int | None = None
    head: str = ""


SUCCESS = range(200, 400)


class Family(StrEnum):
    IPV4 = "IPv4"
    IPV6 = "IPv6"
    UNIX = "Unix"


@dataclass(frozen=True)
class Listener:
    """A socket that accepts connections. Of a Unix socket `address` is the path and `port` 0; `::` is IPv6's 0.0.0.0.

    `process` is the name of the program that holds it; empty where that cannot be told.
    """

    family: Family
    address: str
    port: int
    process: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether only the instance itself can reach it."""
        return self.address.startswith("127.") or self.address == "::1"


# `Cancel` is asked ten times a second from a thread of the engine's own: it must be quick and safe to call there.
# What it raises ends the call, like true, and reaches the caller. `Emit` is called in the caller's thread.
Cancel = Callable[[], bool]
Emit = Callable[[Output], None]


class Engine(Protocol):
    """Every call has a deadline of its own, is safe to repeat by name, and raises only `EngineError`s.

    Each engine object is made for one installation and neither sees nor touches another's objects.
    """

    def ping(self) -> str:
        """The engine's name and version. Raises Unavailable."""

    def capacity(self) -> Capacity: ...

    def ensure_network(self, environment: str) -> str:
        """The name of the environment's network, which is made when it is missing."""

    def remove_network(self, environment: str) -> None:
        """Nothing happens when it is gone already. Raises Rejected while instances are in it."""

    def find_image(self, name: str) -> Image | None:
        """An image on the engine by tag or digest."""

    def describe_image(self, name: str) -> ImageDescription | None:
        """By tag or digest; None when there is no such image."""

    def read_layers(
        self, name: str, above: int, labels: Labels, cancelled: Cancel, seconds: float
    ) -> Generator[bytes, None, None]:
        """The files of an image's layers but for the lowest `above`, as a tar stream: each layer's in a folder that
        is called by its index. `labels` are those of the release that asks.

        Raises NotFound, Cancelled, Rejected when this engine shows no layers, Unavailable after `seconds`.
        """

    def pull_image(self, name: str, emit: Emit, cancelled: Cancel, seconds: float) -> Image:
        """Fetch from the image's registry. Raises NotFound, Unavailable, Cancelled."""

    def can_pull(self, name: str, seconds: float) -> bool:
        """Whether the image's registry answers within `seconds` and has it; nothing is fetched. Raises nothing."""

    def import_image(
        self,
        name: str,
        tree: Callable[[], Iterator[bytes]],
        changes: Sequence[str],
        cancelled: Cancel,
        seconds: float,
    ) -> Image:
        """Make an image that belongs to no installation of a file tree, which `tree()` yields as a tar stream.

        `changes` are Dockerfile instructions that set its command, environment and labels. What `tree()` raises ends
        the call and reaches the caller. Raises Cancelled, Rejected, Unavailable.
        """

    def mark(self) -> Mapping[str, str]:
        """The labels that say whose an image is, always the same: early in a Dockerfile, their step is done once."""

    def build(self, request: BuildRequest, emit: Emit, cancelled: Cancel) -> Image:
        """Raises BuildFailed, Cancelled (polled at least four times a second), Unavailable."""

    def tag_image(self, digest: str, tag: str) -> None: ...

    def remove_image(self, name: str) -> None:
        """Remove this name; the content goes when no other name holds it. Nothing happens when it is gone already."""

    def remove_nameless(self, before: float) -> int:
        """Remove the steps of builds that were cut off: images of the installation without a name, made before then
        (seconds since 1970), that no instance and no other image needs. Returns how many.
        """

    def start(self, request: InstanceRequest) -> Instance:
        """Create and start. An instance of this name that already exists is replaced. Raises NotFound, Rejected."""

    def inspect(self, name: str) -> Instance:
        """By instance name or id. Raises NotFound."""

    def instances(self, labels: Labels | None = None) -> list[Instance]:
        """All of the installation that carry the given labels (empty fields match everything)."""

    def usage(self, labels: Labels | None = None) -> list[Usage]:
        """Of all `instances`; within 8 s, or it raises Unavailable."""

    def probe(self, name: str, port: int, path: str, host: str, expected: Container[int] = SUCCESS) -> Probe:
        """Ask the instance once from outside its image, within 2 s: a TCP connection; if there is a `path`, GET it.

        An answer with one of the `expected` statuses counts as success. Raises NotFound.
        """

    def listeners(self, name: str) -> tuple[Listener, ...]:
        """What listens inside the instance now; nothing when it does not run. Raises NotFound."""

    def output(self, name: str, cancelled: Cancel, since: float = 0.0) -> Iterator[Output]:
        """Follow an instance's output until it ends, is removed or `cancelled`; each byte exactly once.

        A restart by the engine is not its end. Begins after the `Output.time` given as `since`. Raises NotFound.
        """

    def observer(self) -> Observer:
        """For one event loop."""

    def stop(self, name: str, grace: float) -> None:
        """SIGTERM, `grace` seconds, SIGKILL. Nothing happens when it is not running or gone."""

    def remove(self, name: str) -> None:
        """Nothing happens when it is gone already."""

    def purge(self) -> None:
        """Remove everything of the installation: instances, networks, images."""
