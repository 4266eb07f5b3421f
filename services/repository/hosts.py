"""Which machines a repository may be on: never this one or its private neighbours, unless allowed."""

from __future__ import annotations

import socket
import threading
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.request import getproxies_environment

from services.repository.address import Address, Policy
from services.repository.errors import Cause, RepositoryError

NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: carries an IPv4 address in its last 32 bits


def resolve(address: Address, policy: Policy, seconds: float = 5.0) -> tuple[str, ...]:
    """The IP addresses of the repository's host, all of them allowed. Raises RepositoryError.

    git is told to use one of these, so that a second look-up cannot answer differently. Empty when only a web proxy
    knows the host.
    """
    if address.protocol == "file":
        return ()
    found = _look_up(address.host, address.port, seconds)
    if not found and not _behind_proxy(address.protocol):
        raise RepositoryError(f"The host name {address.host} does not exist. Check the address.", cause=Cause.HOST)
    if not policy.private_hosts and not all(is_public(ip) for ip in found):
        raise RepositoryError(f"{address.host} is on a private network, which is not allowed here.", cause=Cause.HOST)
    return tuple(found)


def is_public(text: str) -> bool:
    """Whether the whole internet could have reached this address anyway."""
    ip = ip_address(text.split("%")[0])
    if isinstance(ip, IPv6Address):
        ip = _carried(ip)
    return ip.is_global and not ip.is_multicast


def _carried(ip: IPv6Address) -> IPv4Address | IPv6Address:
    if ip in NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def _behind_proxy(protocol: str) -> bool:
    return protocol != "ssh" and not {protocol, "all"}.isdisjoint(getproxies_environment())


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """getaddrinfo has no time limit of its own, hence the thread."""
    found: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    thread = threading.Thread(target=ask, daemon=True, name="look-up")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise RepositoryError(
            f"The host name {host} could not be looked up within {seconds:.0f} seconds.",
            cause=Cause.HOST,
            retryable=True,
        )
    return found
