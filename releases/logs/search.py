"""Words in a whole log, looked for where the log is: a browser may not have all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from releases.logs import store, unstored
from releases.logs.escapes import without_colours
from releases.logs.lines import NOT_INSTANCES, Block, Line
from releases.models import LogChunk

HITS = 10_000
SECONDS = 5.0  # for one search; a log at its cap takes a tenth of it


@dataclass(frozen=True)
class Found:
    """`hits` are the numbers of the first HITS of `total` lines. Lines after `through` were not looked at."""

    total: int
    hits: list[int]
    through: int


def search(stream_id: int, words: str) -> Found:
    """Lines that show `words`, in small or capital letters."""
    wanted, until = words.lower(), time.monotonic() + SECONDS
    hits, total, through = list[int](), 0, 0
    for block in _blocks(stream_id):
        if time.monotonic() > until:
            break
        found = _in_block(block, wanted)
        hits += found[: HITS - len(hits)]
        total += len(found)
        through = block.last
    return Found(total, hits, through)


def _blocks(stream_id: int) -> Iterator[Block]:
    """All that is stored, then what only the live window has."""
    last = 0
    for chunk in LogChunk.objects.filter(stream_id=stream_id).order_by("first_seq").iterator(chunk_size=20):
        yield store.read(chunk)
        last = chunk.last_seq
    while blocks := unstored.blocks_after(stream_id, last):
        yield from blocks
        last = blocks[-1].last


def _in_block(block: Block, wanted: str) -> list[int]:
    """Most blocks do not hold the words at all, which one look at the whole tells."""
    if wanted not in _plain(block.body) and " │ " not in wanted:
        return []
    return [seq for seq, line in enumerate(block.lines, block.first) if wanted in _plain(_shown(line))]


def _shown(line: Line) -> str:
    """As the viewer shows it: an instance's line begins with its name."""
    return line.text if line.source in NOT_INSTANCES else f"{line.source} │ {line.text}"


def _plain(text: str) -> str:
    return without_colours(text).lower()
