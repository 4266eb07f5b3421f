"""Compare what HAProxy does with a table, and change only what differs. One sentence for each change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from releases.proxy.base import Slot, Table
from releases.proxy.haproxy import changes, config
from releases.proxy.haproxy.runtime import Runtime, Server


def repair(runtime: Runtime, table: Table) -> Iterator[str]:
    """Fill first, then point, then take out: at no moment does a host point at a slot that was taken away from it."""
    present: dict[str, dict[str, Server]] = defaultdict(dict)
    for server in runtime.servers():
        present[server.backend][server.name] = server
    for slot in table.slots:
        yield from _filled(runtime, slot, present[config.backend(slot.number)])
    yield from _pointed(runtime, table.hosts)
    wanted = {(config.backend(slot.number), name) for slot in table.slots for name in config.names(slot)}
    for server in (server for servers in present.values() for server in servers.values()):
        if server.ready and (server.backend, server.name) not in wanted:
            changes.take_out(runtime, server)
            yield f"Slot {config.number_of(server.backend)}: {server.name} did not belong there and was taken out."


def _filled(runtime: Runtime, slot: Slot, present: Mapping[str, Server]) -> Iterator[str]:
    for target in slot.targets:
        name = config.server(slot.release, target)
        if changes.put(runtime, slot, target, present.get(name)):
            yield f"Slot {slot.number}: {name} was not ready at {config.address(target)} and is now."


def _pointed(runtime: Runtime, wanted: Mapping[str, int]) -> Iterator[str]:
    present = hosts(runtime)
    for host in present.keys() - wanted.keys():
        changes.forget(runtime, host)
        yield f"{host} has no service any more and was removed."
    missing = {host: slot for host, slot in wanted.items() if host not in present}
    changes.add_hosts(runtime, missing)
    yield from (f"{host} was unknown and now goes to slot {slot}." for host, slot in missing.items())
    for host, slot in wanted.items():
        if host in present and present[host] != slot:
            changes.point(runtime, host, slot)
            yield f"{host} went to slot {present[host]} and now goes to slot {slot}."


def hosts(runtime: Runtime) -> dict[str, int]:
    return {host: config.number_of(name) for host, name in runtime.entries(changes.HOSTS).items()}
