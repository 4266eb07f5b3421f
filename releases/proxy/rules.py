"""What every proxy refuses: names and numbers that cannot be right, and orders that would send visitors astray."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from releases.proxy.base import ProxyRejected, Slot, Table, Target

HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
RELEASE = re.compile(r"[A-Za-z0-9_-]{1,64}")
TARGET = re.compile(r"[A-Za-z0-9-]{1,64}")


def check_host(host: str) -> str:
    """The host name as the proxy compares it: lower case, without port. Raises ProxyRejected."""
    if not HOST.fullmatch(host.lower()):
        raise ProxyRejected(f"{host[:80]!r} is not a host name.")
    return host.lower()


def check_number(number: int, slots: int) -> None:
    if not 0 <= number < slots:
        raise ProxyRejected(f"There is no slot {number}: the proxy has {slots}, counted from 0.")


def check_slot(slot: Slot, slots: int) -> None:
    check_number(slot.number, slots)
    if not RELEASE.fullmatch(slot.release):
        raise ProxyRejected(f"{slot.release[:80]!r} cannot name a release: letters, digits, hyphens, at most 64.")
    if len({target.name for target in slot.targets}) < len(slot.targets):
        raise ProxyRejected(f"Two instances for slot {slot.number} have the same name.")
    for target in slot.targets:
        check_target(target)


def check_target(target: Target) -> None:
    if not TARGET.fullmatch(target.name):
        raise ProxyRejected(f"{target.name[:80]!r} cannot name an instance: letters, digits, hyphens, at most 64.")
    if not 1 <= target.port <= 65535:
        raise ProxyRejected(f"Instance {target.name} has port {target.port}; ports go from 1 to 65535.")
    try:
        ipaddress.ip_address(target.address)
    except ValueError as error:
        raise ProxyRejected(f"Instance {target.name}: {target.address[:80]!r} is not an IP address.") from error


def check_table(table: Table, slots: int) -> Table:
    """The table with its hosts in lower case. Raises ProxyRejected."""
    for slot in table.slots:
        check_slot(slot, slots)
    if len({slot.number for slot in table.slots}) < len(table.slots):
        raise ProxyRejected("Two releases want the same slot.")
    for number in table.hosts.values():
        check_number(number, slots)
    return Table(table.slots, {check_host(host): number for host, number in table.hosts.items()})


def check_owner(slot: Slot, owner: str | None, hosts: Mapping[str, int]) -> None:
    """A slot that visitors are sent to is not given to another release: they would meet a stranger."""
    if owner not in (None, slot.release) and slot.number in hosts.values():
        raise ProxyRejected(f"Slot {slot.number} serves release {owner}; release {slot.release} needs another one.")


def check_unused(number: int, hosts: Mapping[str, int]) -> None:
    """A slot that visitors are sent to is not emptied: forget the host, or point it elsewhere, first."""
    host = next((host for host, slot in hosts.items() if slot == number), None)
    if host is not None:
        raise ProxyRejected(f"Slot {number} still serves {host}: point it elsewhere or forget it first.")
