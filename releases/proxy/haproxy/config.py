"""HAProxy's files as text: the configuration with its pool of slots, and the host map. Pure functions."""

from __future__ import annotations

import hashlib
import re
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from releases.proxy.base import ProxyRejected, Slot, Target

BASE = Path(__file__).with_name("base.cfg")
LIMIT = Path(__file__).with_name("limit.lua")
# The address of a Unix socket has 108 bytes, and HAProxy first binds it under a longer, temporary name.
SOCKET_PATH_BYTES = 95
# A dead instance leaves within a second: a failed request or check is followed by checks every 0.2 s, and two decide.
# A failed request itself must not count as a check: HAProxy 2.6 then waits 1 s before it tries the only other instance.
# A server added at the runtime socket keeps no connection for the next request unless it is told how many: each request
# then costs a new one (HAProxy 2.6, an eighth of the requests per second). Idle ones are closed early, before the
# application does it with a request on the way.
SERVER_OPTIONS = (
    "check inter 750ms fastinter 200ms downinter 500ms fall 2 rise 1"
    " observe layer4 error-limit 1 on-error fastinter pool-max-conn 256 pool-purge-delay 1s"
)
# What five digits can name.
MOST_SLOTS = 100_000
SLOT = re.compile(r"^backend slot_(\d{5}) from service\n((?:    server .*\n)*)", re.MULTILINE)
SERVER = re.compile(r"^    server ([\w-]+)\.([\w-]+) (\S+):(\d+) ", re.MULTILINE)


@dataclass(frozen=True)
class Parameters:
    """What the installation decides. `user` is who HAProxy becomes after its start as root, or empty.

    `header_seconds` bound the headers of a request and a small body, `pause_seconds` any later pause of either side.
    """

    socket: Path
    public_port: int
    slots: int
    probe_token: str = field(repr=False)
    user: str = ""
    ipv6: bool = False
    max_request_mb: int = 1024
    header_seconds: int = 10
    pause_seconds: int = 60


def backend(number: int) -> str:
    return f"slot_{number:05d}"


def server(release: str, target: Target) -> str:
    """A server's name. It begins with the release, because the proxy reports from it who answered."""
    return f"{release}.{target.name}"


def names(slot: Slot) -> list[str]:
    return [server(slot.release, target) for target in slot.targets]


def is_slot(backend_name: str) -> bool:
    """There is one other backend: the way to where bodies are counted."""
    return backend_name.startswith("slot_")


def number_of(backend_name: str) -> int:
    return int(backend_name.removeprefix("slot_"))


def render(parameters: Parameters, slots: Iterable[Slot]) -> str:
    """The whole configuration. Raises ValueError when the parameters are impossible."""
    filled = {slot.number: slot for slot in slots}
    if len(bytes(parameters.socket)) > SOCKET_PATH_BYTES:
        raise ValueError(f"The path {parameters.socket} is too long for a socket: at most {SOCKET_PATH_BYTES} bytes.")
    highest = max(filled, default=0)
    if not highest < parameters.slots <= MOST_SLOTS:
        raise ValueError(
            f"{parameters.slots} slots are too few or too many: slot {highest} is used, {MOST_SLOTS} exist."
        )
    pool = "\n".join(_backend(number, filled.get(number)) for number in range(parameters.slots))
    return f"{_head(parameters)}\n{pool}"


def _head(parameters: Parameters) -> str:
    binds = [f"    bind 0.0.0.0:{parameters.public_port}"]
    if parameters.ipv6:
        binds.append(f"    bind [::]:{parameters.public_port} v6only")
    identity = f"    user {parameters.user}\n    group {parameters.user}\n" if parameters.user else ""
    return Template(BASE.read_text()).substitute(
        socket=_word(parameters.socket),
        uploads=f"abns@{own_name(parameters.socket)}",
        limit=_word(LIMIT),
        token=parameters.probe_token,
        identity=identity,
        binds="\n".join(binds),
        most_mb=parameters.max_request_mb,
        most_bytes=parameters.max_request_mb * 1024 * 1024,
        headers=parameters.header_seconds,
        pause=parameters.pause_seconds,
    )


def _word(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace(" ", "\\ ")


def own_name(socket: Path) -> str:
    """What this proxy calls the address at which it counts bodies; no other proxy on this machine has it."""
    return f"kintohub-{hashlib.sha256(bytes(socket)).hexdigest()[:16]}"


def _backend(number: int, slot: Slot | None) -> str:
    lines = [f"    server {server_line(slot.release, target)}\n" for target in slot.targets] if slot else []
    return f"backend {backend(number)} from service\n{''.join(lines)}"


def server_line(release: str, target: Target) -> str:
    return f"{server(release, target)} {address(target)} {SERVER_OPTIONS}"


def address(target: Target) -> str:
    host = f"[{target.address}]" if ":" in target.address else target.address
    return f"{host}:{target.port}"


def with_slot(text: str, number: int, slot: Slot | None) -> str:
    """The configuration with one slot's servers replaced, or removed, and nothing else changed."""
    start = text.find(f"\nbackend {backend(number)} from service\n") + 1
    found = SLOT.match(text, start)
    if not start or not found:
        raise ProxyRejected(f"The proxy's configuration has no slot {number}.")
    return text[: found.start()] + _backend(number, slot) + text[found.end() :]


def with_slots(text: str, slots: Iterable[Slot]) -> str:
    """The configuration with exactly these slots filled."""
    wanted: dict[int, Slot | None] = {slot.number: None for slot in parse_slots(text)}
    wanted.update({slot.number: slot for slot in slots})
    for number, slot in wanted.items():
        text = with_slot(text, number, slot)
    return text


def pool_size(text: str) -> int:
    return sum(1 for _ in SLOT.finditer(text))


def parse_slots(text: str) -> tuple[Slot, ...]:
    """The filled slots of a configuration that `render` or `with_slot` made."""
    return tuple(slot for found in SLOT.finditer(text) if (slot := _slot(int(found[1]), found[2])))


def _slot(number: int, lines: str) -> Slot | None:
    by_release: dict[str, list[Target]] = defaultdict(list)
    for release, name, host, port in SERVER.findall(lines):
        by_release[release].append(Target(name, host.strip("[]"), int(port)))
    return slot_of(number, by_release)


def slot_of(number: int, by_release: Mapping[str, list[Target]]) -> Slot | None:
    """One slot from the servers found in it. A slot has one release; were there two, the first by name is reported."""
    for release in sorted(by_release):
        return Slot(number, release, tuple(sorted(by_release[release], key=lambda target: target.name)))
    return None


def render_hosts(hosts: Mapping[str, int]) -> str:
    return "".join(f"{host} {backend(number)}\n" for host, number in sorted(hosts.items()))


def with_host(text: str, host: str, slot: int | None) -> str:
    """The host map with one entry changed, added or removed: by its line alone, however many others there are."""
    line = f"{host} {backend(slot)}\n" if slot is not None else ""
    start = f"\n{text}".find(f"\n{host} ")
    if start >= 0:
        return text[:start] + line + text[text.index("\n", start) + 1 :]
    lines = text.splitlines(keepends=True)
    insort(lines, line)
    return "".join(lines)


def parse_hosts(text: str) -> dict[str, int]:
    return {host: number_of(name) for host, name in (line.split() for line in text.splitlines() if line.strip())}
