"""Observing an engine: what happens to instances, what they print. It changes nothing there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from releases.engine.base import Labels, Stream


class Happening(StrEnum):
    THERE = "there"  # no news: it exists, and the observer has just begun or reconnected
    STARTED = "started"
    ENDED = "ended"
    OUT_OF_MEMORY = "out of memory"  # of some process in it; the instance may go on
    HEALTH = "health"  # of the image's own health check
    REMOVED = "removed"


@dataclass(frozen=True)
class Event:
    """Something that happened to an instance. `id` is the engine's and never used again; `time` in ns since 1970.

    `asked`: it ended because the engine was told to stop it. `health` is the engine's word, such as "unhealthy".
    """

    happening: Happening
    id: str
    name: str
    labels: Labels
    time: int
    exit_code: int | None = None
    asked: bool = False
    health: str = ""


class Place(NamedTuple):
    """How far an output is known: the time of the last known piece in ns since 1970, and how many of that time."""

    time: int
    nth: int


class Printed(NamedTuple):
    """A line, or a piece of a very long one, and the place in its stream that is reached with it."""

    stream: Stream
    data: bytes
    place: Place


class Observer(Protocol):
    """Belongs to one event loop. An engine that is away is waited for; each question to it is bounded in time."""

    def events(self, since: int) -> AsyncGenerator[Event, None]:
        """What happens to the installation's instances, as far back as `since` (ns) or as the engine remembers.

        Never ends. At the start and after each interruption it names all that are there; an event may come again then.
        """

    def output(self, id: str, after: Mapping[Stream, Place]) -> AsyncGenerator[list[Printed], None]:
        """What the instance prints after these places, each piece once and in order, until it is removed.

        Neither an end of the instance nor an interruption of the engine ends it. After an end of the instance, an empty
        list says that all it has printed was given; that may be said again.
        """
