"""Lines that are heard at once and read later come once each; no engine needed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from releases.engine.base import Stream
from releases.engine.docker.frames import PIECE, Entry, Frame, Position, Resume
from releases.engine.docker.hearing import Hearing
from releases.engine.observing import Place, Printed

SECOND = 1_000_000_000
LONG = b"y" * PIECE
OUT, ERR = Stream.STDOUT, Stream.STDERR
# The lines in pieces have one time for all of their pieces; both streams print at the same time now and then.
LOG = [
    *(Entry(OUT, 1 * SECOND, b"a\n"), Entry(ERR, 1 * SECOND, b"b\n")),
    *(Entry(OUT, 2 * SECOND, LONG), Entry(OUT, 2 * SECOND, LONG), Entry(ERR, 2 * SECOND + 5, b"c\n")),
    *(Entry(OUT, 2 * SECOND, b"end\n"), Entry(OUT, 3 * SECOND, b"d\n"), Entry(ERR, 4 * SECOND, b"e\n")),
    *(Entry(OUT, 5 * SECOND, LONG), Entry(OUT, 5 * SECOND, b"end\n"), Entry(OUT, 6 * SECOND, b"f\n")),
]


def frame(entry: Entry) -> Frame:
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(entry.time // SECOND))
    return entry.stream, f"{clock}.{entry.time % SECOND:09d}Z ".encode() + entry.data


class Follower:
    """As `printing` does it: what is heard waits in a list, of which a read drops what it has brought."""

    def __init__(self) -> None:
        self.resume = Resume()
        self.hearing = Hearing(self.resume)
        self.kept: list[Frame] = []
        self.printed: list[Printed] = []

    def hear(self, entries: Sequence[Entry]) -> None:
        """Returns with something kept only where a read must tell."""
        self.kept += map(frame, entries)
        done, new = self.hearing.hear(self.kept)
        self.printed += new
        del self.kept[:done]

    def read(self, entries: Sequence[Entry]) -> None:
        self.read_until(len(self.kept), entries)

    def read_until(self, mark: int, entries: Sequence[Entry]) -> None:
        """A read that began when so many were kept."""
        self.resume.begin_pass()
        self.printed += self.hearing.read(entries)
        self.hearing.pass_over(self.kept[:mark])
        del self.kept[:mark]

    def of(self, stream: Stream) -> list[bytes]:
        return [each.data for each in self.printed if each.stream is stream]


def expected(stream: Stream) -> list[bytes]:
    return [entry.data for entry in LOG if entry.stream is stream]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, len(LOG))), max_size=12))
def test_heard_and_read_in_any_turns_each_entry_comes_once_and_in_order(turns: list[tuple[bool, int]]) -> None:
    follower, heard = Follower(), 0
    follower.read(LOG[:0])
    for is_read, end in [*turns, (False, len(LOG)), (True, len(LOG))]:
        if is_read or follower.kept:
            follower.read(LOG[: max(end, heard)])  # all that was heard is in the log
        if not is_read and end > heard:
            follower.hear(LOG[heard:end])
            heard = end
    assert follower.of(OUT) == expected(OUT)
    assert follower.of(ERR) == expected(ERR)


@given(st.sets(st.integers(0, len(LOG) - 1)), st.integers(0, len(LOG)))
def test_what_the_engine_left_out_is_read_later_and_counts_as_the_newest(left_out: set[int], known: int) -> None:
    follower = Follower()
    follower.read(LOG[:known])
    follower.hear([entry for at, entry in enumerate(LOG) if at not in left_out and at >= known])
    follower.read(LOG)
    assert Counter(follower.of(OUT)) == Counter(expected(OUT))
    assert Counter(follower.of(ERR)) == Counter(expected(ERR))
    for stream in (OUT, ERR):
        places = [each.place for each in follower.printed if each.stream is stream]
        assert places == sorted(places)


def test_another_reader_goes_on_from_the_place_that_was_heard() -> None:
    first = Follower()
    first.read(LOG[:2])
    first.hear(LOG[2:7])
    places = {stream: max(each.place for each in first.printed if each.stream is stream) for stream in (OUT, ERR)}
    assert places == {OUT: Place(3 * SECOND, 1), ERR: Place(2 * SECOND + 5, 1)}
    second = Follower()
    second.resume.positions |= {stream: Position(place.time, place.nth) for stream, place in places.items()}
    second.read(LOG)
    assert second.of(OUT) == expected(OUT)[5:]
    assert second.of(ERR) == expected(ERR)[2:]


def test_the_last_words_of_one_that_is_gone_need_no_read() -> None:
    follower = Follower()
    follower.read(LOG[:2])
    new = follower.hearing.hear_out(map(frame, LOG[:6]))
    assert [each.data for each in new] == [LONG, LONG, b"c\n", b"end\n"]


@given(st.data(), st.integers(0, len(LOG)))
def test_last_words_come_once_though_the_last_read_brought_some_of_them(data: st.DataObject, first: int) -> None:
    """What is heard while a read is under way is kept, and the read may bring it as well, or more, or less."""
    heard = data.draw(st.integers(first, len(LOG)))
    brought = data.draw(st.integers(first, len(LOG)))
    follower = Follower()
    follower.read(LOG[:0])
    follower.hear(LOG[:first])
    mark = len(follower.kept)
    follower.kept += map(frame, LOG[first:heard])
    follower.read_until(mark, LOG[:brought])
    follower.printed += follower.hearing.hear_out([*follower.kept, *map(frame, LOG[heard:])])
    assert follower.of(OUT) == expected(OUT)
    assert follower.of(ERR) == expected(ERR)
