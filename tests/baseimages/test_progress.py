"""From hundreds of lines to one every few seconds."""

from __future__ import annotations

from releases.baseimages.progress import TAIL, Progress
from releases.engine.base import Output, Stream
from tests.baseimages.cast import Log
from tests.waiting import until


def test_only_the_newest_line_is_told() -> None:
    log = Log()
    progress = Progress("Debian trixie", log, seconds=0.1)
    progress.feed(b"".join(b"Unpacking %d\n" % number for number in range(100)) + b"Unpack")
    with progress:
        until(lambda: bool(log.text))
    told = [line for line in log.text.splitlines() if "still working" not in line]
    assert told == ["Debian trixie: Unpacking 99"]


def test_silence_is_told_too() -> None:
    log = Log()
    with Progress("Debian trixie", log, seconds=0.01):
        until(lambda: "still working" in log.text)


def test_the_tail_is_kept_whole_lines_only() -> None:
    progress = Progress("x", Log())
    progress.feed(b"".join(b"%d\n" % number for number in range(100)) + b"E: half")
    progress.feed(b" and half\n\n")
    assert progress.tail.splitlines() == [str(number) for number in range(101 - TAIL, 100)] + ["E: half and half"]


def test_the_engine_s_own_lines_are_left_out() -> None:
    progress = Progress("x", Log())
    progress.output(Output(Stream.SYSTEM, b"Step 1/2 : FROM debian\n", 0))
    progress.output(Output(Stream.STDERR, b"E: no such package\n", 0))
    assert progress.tail == "E: no such package"
