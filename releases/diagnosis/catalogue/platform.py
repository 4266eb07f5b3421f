"""Causes that are not the service's: the engine, the proxy, the platform itself."""

from __future__ import annotations

import re

from releases.diagnosis.cause import Cause, Finding, cause, high, medium
from releases.diagnosis.facts import Facts, Kind
from releases.diagnosis.shortcut import NEWEST, RETRY, edit

NO_ROOM = re.compile(
    r"^The disk of the engine has|All addresses of the network|has no free slot|no space left on device|"
    r"cannot allocate memory|not enough memory|pool overlaps|no available network|could not find an available",
    re.IGNORECASE,
)
LIMITS = edit("Edit the limits", "memory_mb")


@cause(
    "no-room",
    "The engine has no room",
    looks_at="Disk, memory and addresses of the engine, and the slots of the proxy.",
    offers="Retries, after the operator made room.",
)
def no_room(facts: Facts) -> Finding | None:
    if facts.failure.kind in (Kind.REPOSITORY, Kind.BUILD) or not NO_ROOM.search(facts.failure.reason):
        return None
    return high(f"{facts.failure.reason} Nothing is wrong with the service.", *facts.said, shortcuts=(RETRY, LIMITS))


@cause(
    "interrupted",
    "The platform was stopped during the deploy",
    looks_at="Whether the process that carried out the deploy ended.",
    offers="Retries.",
)
def interrupted(facts: Facts) -> Finding | None:
    if facts.failure.kind is not Kind.STOPPED:
        return None
    return high(facts.failure.reason, *facts.said, shortcuts=(RETRY, NEWEST))


@cause(
    "engine-unavailable",
    "The engine did not answer",
    looks_at="What the engine's own calls end in.",
    offers="Retries.",
)
def engine_unavailable(facts: Facts) -> Finding | None:
    if facts.failure.kind is not Kind.ENGINE:
        return None
    sentence = f"{facts.failure.reason} Nothing is wrong with the service."
    return (high if facts.failure.retryable else medium)(sentence, *facts.said, shortcuts=(RETRY,))


@cause(
    "proxy-unavailable",
    "The proxy did not answer, or the public address did not follow",
    looks_at="What the proxy's own calls end in, and whether the public address answers from the new release.",
    offers="Retries.",
)
def proxy_unavailable(facts: Facts) -> Finding | None:
    silent = "did not answer from the new release" in facts.failure.reason
    if facts.failure.kind is not Kind.PROXY and not silent:
        return None
    return high(f"{facts.failure.reason} Nothing was found wrong with the service.", *facts.said, shortcuts=(RETRY,))


@cause(
    "start-refused",
    "The engine refused to start the instance",
    looks_at="What the engine says about the instance.",
    offers="Opens the memory and the number of instances; retries.",
)
def start_refused(facts: Facts) -> Finding | None:
    if not facts.failure.reason.startswith("The instance could not be started"):
        return None
    return medium(facts.failure.reason, *facts.said, shortcuts=(RETRY, LIMITS))


@cause(
    "platform-fault",
    "A fault of the platform",
    looks_at="Everything that nobody foresaw. The id leads the operator to the trace.",
    offers="Retries.",
)
def fault(facts: Facts) -> Finding | None:
    if facts.failure.kind is not Kind.FAULT:
        return None
    return high(facts.failure.reason, *facts.said, shortcuts=(RETRY,))


CAUSES: tuple[Cause, ...] = (no_room, interrupted, engine_unavailable, proxy_unavailable, start_refused, fault)
