"""The proxy: what owns public traffic. One interface, no Django.

A *slot* is a numbered backend of the proxy. A release that has instances owns one slot; a host name points at one
slot. So the switch is one command that moves the host, whatever the number of instances, and so is the way back.
"""

from __future__ import annotations

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

    def connections(self, slot: int) -> int:
        """Requests and long connections that are open in the slot now."""

    def empty(self, slot: int) -> None:
        """Cut what is still open in the slot and take its targets out. ProxyRejected: a host points at it."""

    def answering(self, host: str) -> str | None:
        """Ask the host's public address; the release that answered, or None when none did (any HTTP status counts)."""

    def table(self) -> Table:
        """What the proxy holds now."""

    def restore(self, table: Table) -> list[str]:
        """Make the proxy hold this table; what had to be changed, a sentence each. Nothing is touched that is right."""
