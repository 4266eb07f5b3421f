"""What instances use, read where the kernel counts it: the control groups of each container's first process.

The engine's own statistics take a second for each container (Docker 20.10, `one-shot` or not), because they wait for
the next beat of a collector; the list, the details and the files of 50 containers take a tenth of a second together.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from releases.engine.base import InstanceState, Labels, NotFound, Unavailable, Usage
from releases.engine.cgroups import consumption
from releases.engine.docker.containers import MIB, instance, seconds
from releases.engine.docker.names import Names
from releases.engine.docker.transport import Transport

WAIT = 4  # seconds for one answer
SECONDS = 8.0 - WAIT  # after which no further question is asked


def usage(transport: Transport, names: Names, labels: Labels | None) -> list[Usage]:
    return [_usage(details, names) for details in _all(transport, names, labels)]


def _all(transport: Transport, names: Names, labels: Labels | None) -> Iterator[dict[str, Any]]:
    deadline = time.monotonic() + SECONDS
    with transport.sdk(WAIT) as docker:
        rows = docker.containers(all=True, filters=names.filters(labels))
    for row in rows:
        if time.monotonic() > deadline:
            raise Unavailable("The Docker engine did not describe all instances in time.")
        with contextlib.suppress(NotFound), transport.sdk(WAIT) as docker:  # removed since the list was made
            yield docker.inspect_container(row["Id"])


def _usage(details: dict[str, Any], names: Names) -> Usage:
    seen = instance(details, names)
    runs = seen.state is InstanceState.RUNNING
    used = consumption(details["State"]["Pid"]) if runs else None
    return Usage(
        instance=seen,
        started=seconds(details["State"]["StartedAt"]),
        memory_limit_mb=details["HostConfig"]["Memory"] // MIB,
        cpu_seconds=used.cpu_seconds if used else None,
        memory_mb=used.memory_mb if used else None,
    )
