"""The producer's side of the live window: what is written there, for any number of logs in one round trip."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from releases.logs.lines import Block
from releases.logs.window import key, redrawn_key

ENTRIES = 2_000
WHILE_OPEN = 86_400  # seconds; a producer that died without closing leaves nothing behind after a day
AFTER_CLOSE = 3_600
_STORED_BEFORE = "equal or smaller"


@dataclass(frozen=True)
class Write:
    """Entries with their ids, what is being redrawn after them, and for how many seconds all of it is kept."""

    entries: Sequence[tuple[str, dict[Any, Any]]]
    redrawn: dict[str, str]
    seconds: int = WHILE_OPEN
    is_end: bool = False


class Showing:
    """What one log shows in its window."""

    def __init__(self, stream_id: int) -> None:
        self.key = key(stream_id)
        self.redrawn_key = redrawn_key(stream_id)
        self.redrawn: dict[str, str] | None = None  # not known: an earlier producer may have left some

    def lines(self, block: Block) -> Write:
        cursor = {"c": json.dumps(block.cursor)} if block.cursor else {}
        fields = {"n": str(block.count), "b": block.body, **cursor}
        over = {line.source for line in block.lines} if self.redrawn else set[str]()
        redrawn = {source: text for source, text in (self.redrawn or {}).items() if source not in over}
        return Write([(f"{block.last}-0", fields)], redrawn)

    def progress(self, last: int, frames: Iterable[tuple[str, str]]) -> Write | None:
        """Source and text of lines that are being redrawn; None when they are shown like that already.

        Only while line `last` is the newest one in the window.
        """
        redrawn = dict(self.redrawn or {})
        entries = list[tuple[str, dict[Any, Any]]]()
        for source, text in frames:
            if self.redrawn is not None and redrawn.get(source) == text:
                continue
            redrawn.pop(source, None)
            redrawn[source] = text  # the newest one comes last
            entries.append((_id_after(last, len(entries)), {"s": source, "p": text}))
        return Write(entries, redrawn) if entries else None

    def end(self, last: int) -> Write:
        """Only while line `last` is the newest one in the window."""
        return Write([(_id_after(last), {"end": "1"})], {}, AFTER_CLOSE, is_end=True)


def write(client: redis.Redis, writes: Sequence[tuple[Showing, Write]]) -> list[redis.RedisError | None]:
    """In one transaction: a viewer who has the line that ends a progress is not shown that progress any more.

    What Redis refused of each. Raises redis.RedisError when nothing was written, or nobody knows: then write it again.
    """
    with client.pipeline(transaction=True) as pipeline:
        ends = []
        for showing, each in writes:
            _queue(pipeline, showing, each)
            ends.append(len(pipeline.command_stack))
        answers = pipeline.execute(raise_on_error=False)
    refusals = list[redis.RedisError | None]()
    for begin, end, (showing, each) in zip([0, *ends], ends, writes, strict=False):
        refusals.append(next(filter(_is_refusal, answers[begin:end]), None))
        if refusals[-1] is None:
            showing.redrawn = each.redrawn
    return refusals


def _queue(pipeline: Any, showing: Showing, each: Write) -> None:
    for entry_id, fields in each.entries:
        pipeline.xadd(showing.key, fields, id=entry_id, maxlen=ENTRIES, approximate=True)
    pipeline.expire(showing.key, each.seconds)
    if each.redrawn:
        pipeline.set(showing.redrawn_key, json.dumps(each.redrawn), ex=each.seconds)
    elif each.redrawn != showing.redrawn:
        pipeline.delete(showing.redrawn_key)


def _is_refusal(answer: object) -> bool:
    return isinstance(answer, redis.RedisError) and _STORED_BEFORE not in str(answer)


def _id_after(last: int, nth: int = 0) -> str:
    """Above everything written after line `last` so far, below the lines to come."""
    return f"{last}-{time.time_ns() // 1_000 + nth}"
