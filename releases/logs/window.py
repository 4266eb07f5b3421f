"""The live window: a Redis Stream per log. An entry's id is `<last line>-0`: writing it twice changes nothing.

Beside it stands what is being redrawn now, for a viewer who joins between two redraws.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from releases.logs.lines import Block

LAST_ID = 2**64 - 1  # beyond every progress line that follows a numbered one
TIMEOUTS: dict[str, Any] = {"socket_timeout": 2.0, "socket_connect_timeout": 1.0}


def key(stream_id: int) -> str:
    return f"kintohub:{settings.INSTALLATION_ID}:log:{stream_id}"


def redrawn_key(stream_id: int) -> str:
    return f"{key(stream_id)}:redrawn"


@dataclass(frozen=True)
class Lines:
    """Numbered lines. Every viewer in the process is sent the same `frame`, which is made once."""

    id: str
    block: Block

    @property
    def size(self) -> int:
        return len(self.block.body)

    @cached_property
    def frame(self) -> str:
        return frame_of(self.block)


@dataclass(frozen=True)
class Progress:
    """A line that is still being redrawn; it has no number and the next one replaces it."""

    id: str
    source: str
    text: str

    @property
    def size(self) -> int:
        return len(self.text)


@dataclass(frozen=True)
class Closed:
    """The producer has written its last line."""

    id: str
    size: int = 0


Entry = Lines | Progress | Closed


def merged(entries: list[Entry]) -> Iterator[Entry]:
    """The same news in fewer entries: who is behind sends less often and more at once, and so catches up."""
    waiting: Lines | None = None
    for entry in entries:
        if waiting and isinstance(entry, Lines) and waiting.block.takes(entry.block):
            waiting = Lines(entry.id, waiting.block.with_next(entry.block))
            continue
        if waiting:
            yield waiting
        waiting = entry if isinstance(entry, Lines) else None
        if waiting is None:
            yield entry
    if waiting:
        yield waiting


def frame_of(block: Block) -> str:
    """Lines as a WebSocket message (the shapes are in `frames.py`)."""
    return json.dumps({"t": "c", "f": block.first, "n": block.count, "b": block.body}, ensure_ascii=False)


def entries(rows: Any) -> list[Entry]:
    """What redis-py gives for a range of a stream; its types leave open what `decode_responses` settles."""
    return [_entry(entry_id, fields) for entry_id, fields in rows or ()]


def redrawn_of(text: str | bytes | None) -> list[Progress]:
    """What stands at `redrawn_key`, the newest last."""
    return [Progress("", source, shown) for source, shown in json.loads(text or "{}").items()]


def _entry(entry_id: str, fields: dict[str, str]) -> Entry:
    if "b" in fields:
        last, count = int(entry_id.split("-")[0]), int(fields["n"])
        return Lines(entry_id, Block(last - count + 1, count, fields["b"], json.loads(fields.get("c", "{}"))))
    if "p" in fields:
        return Progress(entry_id, fields["s"], fields["p"])
    return Closed(entry_id)


def connect() -> redis.Redis:
    """Plain blocking calls, each bounded by short time-outs; a connection is made with the first one."""
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, retry=Retry(NoBackoff(), 0), **TIMEOUTS)


def blocks_after(stream_id: int, seq: int, count: int | None = None) -> list[Block]:
    """Its lines after line `seq`; of not more than `count` entries, if that is given. Raises redis.RedisError."""
    with connect() as client:
        rows = client.xrange(key(stream_id), min=f"({seq}-{LAST_ID}", count=count)
    return [entry.block.after(seq) for entry in entries(rows) if isinstance(entry, Lines)]
