"""What is open in a backend: HAProxy's list of sessions, looked at only while there is something in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from releases.proxy.base import Open
from releases.proxy.haproxy.runtime import Runtime

LONG = 5  # seconds after which a request counts as a long connection
# About 10,000 lines of some 300 bytes. What is beyond is counted as requests, and closed by a coming call.
MOST_BYTES = 3_000_000
LINE = re.compile(r"^(0x[0-9a-f]+): .* be=(\S+) .* age=(\S+) .* rq\[\S*an=([0-9a-f]+)h\S* rp\[\S*an=([0-9a-f]+)h", re.M)
AGE = re.compile(r"(\d+)([dhms])")
SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


@dataclass(frozen=True)
class Session:
    """`upgraded`: nothing looks at its data any more, as with a WebSocket. `age` in seconds."""

    id: str
    age: int
    upgraded: bool

    @property
    def long(self) -> bool:
        return self.upgraded or self.age >= LONG


def parse(text: str, backend: str) -> list[Session]:
    """The sessions of one backend in an answer to `show sess`, the oldest first."""
    found = (
        Session(line[1], _age(line[3]), int(line[4], 16) == 0 == int(line[5], 16))
        for line in LINE.finditer(text)
        if line[2] == backend
    )
    return sorted(found, key=lambda session: -session.age)


def _age(text: str) -> int:
    """From HAProxy's words for it, for example 1m3s."""
    return sum(int(number) * SECONDS[unit] for number, unit in AGE.findall(text))


def count(runtime: Runtime, backend: str) -> Open:
    total = runtime.count(backend, "scur")["scur"]
    if not total:
        return Open()
    long = sum(session.long for session in _listed(runtime, backend))
    return Open(max(0, total - long), long)


def close(runtime: Runtime, backend: str, most: int) -> int:
    """End at most so many sessions of the backend; how many are left."""
    listed = _listed(runtime, backend) if runtime.count(backend, "scur")["scur"] else []
    for session in listed[:most]:
        _shut(runtime, backend, session)
    return max(0, len(listed) - most)


def _listed(runtime: Runtime, backend: str) -> list[Session]:
    return parse(runtime.ask("show sess", MOST_BYTES), backend)


def _shut(runtime: Runtime, backend: str, session: Session) -> None:
    """A session's id is an address, which another one gets when it has ended: so look once more right before."""
    if f"backend={backend} " in runtime.ask(f"show sess {session.id}"):
        runtime.order(f"shutdown session {session.id}", "No such session")
