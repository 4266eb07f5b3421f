"""The proxy: what owns public traffic. One interface, no Django.

A *slot* is a numbered backend of the proxy. A release that has instances owns one slot; a host name points at one
slot. So the switch is one command that moves the host, whatever the number of instances, and so is the way back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class ProxyError(Exception):
    """What a proxy call can end in."""

    retryable = False


class ProxyUnavailable(ProxyError):
    """The proxy does not answer."""

    retryable = True


class ProxyRejected(ProxyError):
    """The proxy understood and refused; the text says why."""


@dataclass(frozen=True)
class Target:
    """One instance behind a slot: its name (letters, digits, hyphens), IP address and port."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class Slot:
    """A release's place in the proxy. `release` is what the proxy reports as having answered."""

    number: int
    release: str
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Table:
    """Everything the proxy should know: the filled slots, and which slot each host name goes to."""

    slots: tuple[Slot, ...] = ()
    hosts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What became of one request at a public address.

    `release` is who answered, None when the proxy itself or nobody did. `status` is None when no answer began.
    `seconds` is the time to its end. `problem` says what went wrong as the end of a sentence ("the connection was
    refused"); it is empty when the answer was complete, whatever its status.
    """

    release: str | None
    status: int | None
    seconds: float
    problem: str = ""


@dataclass(frozen=True)
class Open:
    """What is open in a slot. `long`: upgraded connections, and requests older than 5 s; `requests`: the rest."""

    requests: int = 0
    long: int = 0

    @property
    def total(self) -> int:
        return self.requests + self.long


@dataclass(frozen=True)
class Traffic:
    """What visitors of a slot got: answers, and how many of those were errors (5xx, the proxy's own too, or cut off).

    Both count on until the proxy restarts, over all releases that the slot had: what one release did is the difference
    of two looks.
    """

    answers: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Served:
    """A slot at work. `seconds` is how long the release's instances took on average to begin an answer.

    That is over the last 1,024 answers of each instance at most, and None before the first. `answering` tells of each
    target, by name, whether it passed the proxy's last check; those that get no new requests are left out.
    """

    traffic: Traffic = field(default_factory=Traffic)
    seconds: float | None = None
    answering: Mapping[str, bool] = field(default_factory=dict)


class Proxy(Protocol):
    """Calls are safe to repeat, bounded in time, and raise only `ProxyError`s. None of them reloads the proxy."""

    slots: int

    def ping(self) -> str:
        """The proxy's name and version. Raises ProxyUnavailable."""

    def fill(self, slot: Slot) -> None:
        """Make the slot hold exactly these targets for this release, ready for traffic.

        Others get no new request; they are removed at once or, while they have connections, by a coming call for the
        slot. Without targets the slot's hosts answer 503. ProxyRejected: hosts point at it for another release.
        """

    def point(self, host: str, slot: int) -> None:
        """New requests for `host` go to this slot from now on: one command, acknowledged. ProxyRejected: empty."""

    def forget(self, host: str) -> None:
        """The host has no service any more and answers 404."""

    def open(self, slot: int) -> Open:
        """What is open in the slot now. One short question while that is nothing."""

    def close(self, slot: int, count: int) -> int:
        """End at most `count` of what is open in the slot, the oldest first, now; how many are left.

        It does not wait: a caller that wants the clients of long connections to come back one after the other calls it
        with small counts over some time, and looks at its abort flag in between. Nothing of other slots is touched.
        """

    def empty(self, slot: int) -> None:
        """Cut what is still open in the slot and take its targets out. ProxyRejected: a host points at it."""

    def ask(self, host: str, path: str = "/") -> Answer:
        """GET this from the host's public address, as a visitor does, on a connection of its own. For any thread.

        An answer has 10 s to begin. Its body is read to its end or for 64 KB or 2 s, whichever comes first, so that one
        which breaks off is noticed and one that never ends (an event stream) holds nobody up. Nobody there is an answer
        with a problem, not an error.
        """

    def ask_slot(self, slot: int, host: str, path: str = "/") -> Answer:
        """Like `ask`, but of what the slot holds, wherever the host points now. ProxyRejected: no such slot."""

    def traffic(self, slot: int) -> Traffic:
        """What visitors of the slot got since the proxy started."""

    def served(self) -> dict[int, Served]:
        """All slots that hold targets or have had visitors, in one question, however many there are."""

    def started(self) -> str:
        """Which run of the proxy this is: another text after each restart."""

    def table(self) -> Table:
        """What the proxy holds now."""

    def restore(self, table: Table) -> list[str]:
        """Make the proxy hold this table; what had to be changed, a sentence each. Nothing is touched that is right."""
