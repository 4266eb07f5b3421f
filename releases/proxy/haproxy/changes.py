"""Single changes of the running HAProxy. Each can be repeated after any interruption."""

from __future__ import annotations

from collections.abc import Mapping

from releases.proxy.base import ProxyRejected, Slot, Target
from releases.proxy.haproxy import config
from releases.proxy.haproxy.runtime import Runtime, Server

HOSTS = "hosts.map"
# A command with its payload must fit in one of HAProxy's buffers (tune.bufsize, 16384 bytes); a line has at most 300.
HOSTS_AT_ONCE = 50


def put(runtime: Runtime, slot: Slot, target: Target, present: Server | None) -> bool:
    """Make this instance take requests; the ones it has are not disturbed. Says whether there was anything to do."""
    name = f"{config.backend(slot.number)}/{config.server(slot.release, target)}"
    if present is None:
        options = config.server_line(slot.release, target).partition(" ")[2]
        runtime.order(f"add server {name} {options}", "New server registered")
    moved = present is not None and (present.address, present.port) != (target.address, target.port)
    if moved:
        runtime.order(f"set server {name} addr {target.address} port {target.port}", "IP changed", "no need")
        runtime.order(f"set server {name} health up")
    if present is None or not present.ready:
        runtime.order(f"enable health {name}")
        runtime.order(f"set server {name} state ready")
        return True
    return moved


def take_out(runtime: Runtime, server: Server) -> None:
    """No new request for this server; the ones it has go on."""
    runtime.order(f"set server {server.backend}/{server.name} state maint", "No such server")


def cut(runtime: Runtime, server: Server) -> None:
    """End what is open on this server."""
    runtime.order(f"shutdown sessions server {server.backend}/{server.name}", "No such server")


def remove(runtime: Runtime, server: Server) -> bool:
    """Delete a server that was taken out. False while it has connections."""
    said = runtime.ask(f"del server {server.backend}/{server.name}").strip()
    if said.startswith(("Server deleted", "No such server")):
        return True
    if "still has connections" in said:
        return False
    raise ProxyRejected(f"HAProxy refused: {said}")


def point(runtime: Runtime, host: str, slot: int) -> None:
    """The switch. Adding comes second, because HAProxy would let a second entry for one host stand behind the first."""
    said = runtime.ask(f"set map {HOSTS} {host} {config.backend(slot)}").strip()
    if said == "entry not found.":
        runtime.order(f"add map {HOSTS} {host} {config.backend(slot)}")
    elif said:
        raise ProxyRejected(f"HAProxy refused: {said}")


def add_hosts(runtime: Runtime, hosts: Mapping[str, int]) -> None:
    """Add hosts that are not in the map."""
    lines = config.render_hosts(hosts).splitlines()
    for start in range(0, len(lines), HOSTS_AT_ONCE):
        payload = "\n".join(lines[start : start + HOSTS_AT_ONCE])
        runtime.order(f"add map {HOSTS} <<\n{payload}\n")


def forget(runtime: Runtime, host: str) -> None:
    runtime.order(f"del map {HOSTS} {host}", "Key not found")
