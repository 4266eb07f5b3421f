"""What of an instance's output is new, of two that tell it: the follow mode at once, and the reads in full.

The follow mode keeps the order of each stream and repeats nothing, but can leave entries out at a rotation. So what it
brings is passed on as it comes, and a read then brings what it left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from releases.engine.base import Stream
from releases.engine.docker.frames import Entry, Frame, Reading, Resume
from releases.engine.observing import Place, Printed


class Hearing:
    """`resume` is where the reads are. What is passed on is ahead of it or there, never behind."""

    def __init__(self, resume: Resume) -> None:
        self._resume = resume
        self._heard = Reading()
        self._ahead: dict[Stream, Place] = {}
        self._unread: Counter[Entry] = Counter()  # passed on, and brought by no read yet
        self._unheard: dict[Stream, list[Entry]] = {}  # the newest of those that a read has brought first

    @property
    def unread(self) -> int:
        """How many different entries were passed on that no read has brought yet."""
        return len(self._unread)

    def hear(self, frames: Iterable[Frame]) -> tuple[int, list[Printed]]:
        """How many of the frames are done with, and what of them is new. What is left only a read can tell apart."""
        done, new = 0, list[Printed]()
        for entry in self._heard.take(frames):
            place = self._known(entry.stream)
            if entry.time == place.time and not self._is_begun(entry):
                break  # a piece of a long line, of which a read has brought the beginning and maybe this as well
            done += 1
            if entry.time >= place.time:
                new.append(self._next(entry, place))
        return done, new

    def hear_out(self, frames: Iterable[Frame]) -> list[Printed]:
        """The last ones, which no read will bring, but for those that the last one has brought."""
        new = list[Printed]()
        for entry in self._heard.take(frames):
            place = self._known(entry.stream)
            if entry.time >= place.time and not self._was_told(entry):
                new.append(self._next(entry, place))
        return new

    def read(self, entries: Iterable[Entry]) -> list[Printed]:
        """What of them is new. What was left out before counts as printed at the newest known place."""
        return [
            self._tell(entry, max(self._resume.place(entry.stream), self._known(entry.stream)))
            for entry in entries
            if self._resume.accept(entry) and not self._was_heard(entry)
        ]

    def pass_over(self, frames: Iterable[Frame]) -> None:
        """A read has brought what is in them."""
        for entry in self._heard.take(frames):
            self._was_told(entry)

    def _known(self, stream: Stream) -> Place:
        return self._ahead.get(stream) or self._resume.place(stream)

    def _next(self, entry: Entry, place: Place) -> Printed:
        self._unread[entry] += 1
        return self._passed_on(entry, Place(entry.time, place.nth + 1 if entry.time == place.time else 1))

    def _tell(self, entry: Entry, place: Place) -> Printed:
        """Of the newest time only: what is older is known by its time."""
        told = self._unheard.setdefault(entry.stream, [])
        if told and told[0].time != entry.time:
            told.clear()
        told.append(entry)
        return self._passed_on(entry, place)

    def _passed_on(self, entry: Entry, place: Place) -> Printed:
        self._ahead[entry.stream] = place
        return Printed(entry.stream, entry.data, place)

    def _was_told(self, entry: Entry) -> bool:
        told = self._unheard.get(entry.stream, [])
        if entry in told:
            told.remove(entry)
            return True
        return False

    def _was_heard(self, entry: Entry) -> bool:
        if not self._unread[entry]:
            return False
        self._unread[entry] -= 1
        if not self._unread[entry]:
            del self._unread[entry]
        return True

    def _is_begun(self, entry: Entry) -> bool:
        """Whether pieces of the same line were heard that no read has brought."""
        return any((each.stream, each.time) == (entry.stream, entry.time) for each in self._unread)
