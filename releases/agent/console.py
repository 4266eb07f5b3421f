"""Writes the console of one service: what its instances print, and what happens to them."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Iterable
from dataclasses import dataclass, field

from releases.agent.allowance import LINES_PER_SECOND, Allowance
from releases.engine.base import Stream
from releases.engine.observing import Place, Printed
from releases.logs.flusher import Carriers, Flusher
from releases.logs.joining import continue_after
from releases.logs.lines import MAX_CHARS, PLATFORM, Line, Mark
from releases.logs.mask import Mask
from releases.logs.normalise import Normaliser
from releases.models import LogStream

# Seconds between two chunks: consoles are many and slow. Meanwhile the live window has their lines, and the engine has
# what an agent that is killed did not store.
STORE_WAIT = 10.0
TOO_FAST = f"{{}} prints more than {LINES_PER_SECOND:.0f} lines a second for long: lines are left out from here on."
EVENTS = "events"
OUT = "out"
SEPARATOR = "/"


def shown_as(service: str, number: int, index: int | str) -> str:
    """The name of an instance in the console: `#12 web-1` is the first one of release 12."""
    return f"#{number} {service}-{index}"


@dataclass
class Voice:
    """One instance: what is needed to make lines of what it prints."""

    id: str
    source: str
    mask: Mask
    allowance: Allowance = field(default_factory=Allowance)
    normalisers: dict[Stream, Normaliser] = field(default_factory=dict)
    left_out: int = 0
    is_out: bool = False  # all that it printed is known, and it does not run

    def lines(self, printed: Printed) -> list[Line]:
        seconds = printed.place.time / 1_000_000_000
        texts = self._normaliser(printed.stream).feed(printed.data)
        mark = self._mark(printed) if printed.data.endswith(b"\n") else None
        if not self.allowance.take(seconds, len(texts), len(printed.data)):
            said = [] if self.left_out else [self._line(seconds, TOO_FAST.format(self.source), mark)]
            self.left_out += len(texts)
            return said
        said = self._count(seconds)
        lines = [Line(int(seconds * 1000), self.source, self.mask.apply(text)) for text in texts]
        if lines and mark:
            lines[-1] = lines[-1]._replace(mark=mark)
        return said + lines

    def ended(self) -> list[Line]:
        """What it said last, without a line end; and what was left out."""
        now = clock.time()
        texts = [text for normaliser in self.normalisers.values() for text in normaliser.end()]
        lines = [Line(int(now * 1000), self.source, self.mask.apply(text)) for text in texts]
        return lines + self._count(now)

    def _count(self, seconds: float) -> list[Line]:
        """How much was left out, if anything was."""
        count, self.left_out = self.left_out, 0
        if not count:
            return []
        lines, were = ("line", "was") if count == 1 else ("lines", "were")
        text = f"{count:,} {lines} of {self.source} {were} left out."
        return [self._line(seconds, text, None)]

    def _line(self, seconds: float, text: str, mark: Mark | None) -> Line:
        return Line(int(seconds * 1000), PLATFORM, text, mark)

    def _mark(self, printed: Printed) -> Mark:
        return Mark(f"{self.id}{SEPARATOR}{printed.stream}", *printed.place)

    def _normaliser(self, stream: Stream) -> Normaliser:
        if stream not in self.normalisers:
            self.normalisers[stream] = Normaliser(MAX_CHARS + self.mask.hold)
        return self.normalisers[stream]


class ConsoleLog:
    """The one producer of a console, usable from any thread. Continues where an earlier producer ended.

    `carriers` are shared by all consoles of a process.
    """

    def __init__(self, stream: LogStream, carriers: Carriers) -> None:
        self._lock = threading.Lock()
        self._voices: dict[str, Voice] = {}
        last = continue_after(stream.pk)
        self._cursor = {name: Place(*place) for name, place in _stored_cursor(stream).items()}
        self._flusher = Flusher(stream.pk, carriers, last, store_wait=STORE_WAIT)

    @property
    def is_behind(self) -> bool:
        """The database does not keep up: what the engine still has should stay there."""
        return self._flusher.is_behind

    def begin(self, id: str, source: str, secrets: Iterable[str]) -> dict[Stream, Place]:
        """An instance gets a voice. Returns how far its output is known from earlier."""
        with self._lock:
            self._voices.setdefault(id, Voice(id, source, Mask(secrets)))
        places = {stream: self._cursor.get(f"{id}{SEPARATOR}{stream}") for stream in (Stream.STDOUT, Stream.STDERR)}
        return {stream: place for stream, place in places.items() if place}

    def feed(self, id: str, batch: Iterable[Printed]) -> None:
        with self._lock:
            voice = self._voices[id]
            voice.is_out = False
            self._flusher.add([line for printed in batch for line in voice.lines(printed)])

    def happened(self, id: str, time: int, text: str) -> None:
        """A line of the platform about an instance; `time` in ns. What is known from earlier is not said again."""
        name = f"{id}{SEPARATOR}{EVENTS}"
        with self._lock:
            if voice := self._voices.get(id):
                voice.is_out = False
            if time > self._cursor.get(name, Place(0, 0)).time:
                self._cursor[name] = Place(time, 1)
                self._flusher.add([Line(time // 1_000_000, PLATFORM, text, Mark(name, time, 1))])

    def read_out(self, id: str) -> None:
        """The instance does not run, and all that it printed was fed: written down for those who remove it."""
        with self._lock:
            voice = self._voices.get(id)
            if voice and not voice.is_out:
                voice.is_out = True
                self._flusher.note(Mark(f"{id}{SEPARATOR}{OUT}", clock.time_ns(), 1))

    def end(self, id: str) -> bool:
        """The instance is gone. Returns whether it was the last one."""
        with self._lock:
            if voice := self._voices.pop(id, None):
                self._flusher.add(voice.ended())
            return not self._voices

    def close(self) -> None:
        """Returns when everything is written, or when the database has failed for a minute."""
        self._flusher.close()


def out_at(cursor: dict[str, list[int]], id: str) -> int:
    """When the console had all of an instance that did not run, in ns; 0 for never."""
    return cursor.get(f"{id}{SEPARATOR}{OUT}", [0])[0]


def newest_event(cursor: dict[str, list[int]]) -> int:
    """The time in ns of the last event that a console tells of; 0 for none."""
    return max((place[0] for name, place in cursor.items() if name.endswith(f"{SEPARATOR}{EVENTS}")), default=0)


def _stored_cursor(stream: LogStream) -> dict[str, list[int]]:
    """After the live window was joined: the row may say more than the caller's."""
    cursor: dict[str, list[int]] = LogStream.objects.values_list("cursor", flat=True).get(pk=stream.pk)
    return cursor
