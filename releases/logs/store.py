"""The durable copy of a log: compressed chunks in the database, which is the truth."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import zstandard
from django.db import IntegrityError, transaction
from django.utils import timezone

from releases.logs.lines import Block
from releases.models import LogChunk, LogStream

logger = logging.getLogger(__name__)

LEVEL = 3
OUTPUTS = 200  # of one service: two streams and the events of each instance, of two releases side by side


def append(stream_id: int, block: Block) -> None:
    """Write one chunk. Repeating a write whose outcome was lost changes nothing. Raises django.db.Error."""
    body = compressed(block.body)
    try:
        with transaction.atomic():
            LogChunk.objects.create(stream_id=stream_id, first_seq=block.first, last_seq=block.last, body=body)
            LogStream.objects.filter(pk=stream_id).update(last_seq=block.last)
            if block.cursor:
                _move_on(stream_id, block.cursor)
    except IntegrityError:
        # Stored before, or the stream is gone with its release: either way there is nothing left to do for it.
        logger.info("Lines %s to %s of log stream %s were not stored again.", block.first, block.last, stream_id)


def note(stream_id: int, cursor: Mapping[str, Sequence[int]]) -> None:
    """Write marks down without a line. Raises django.db.Error."""
    with transaction.atomic():
        if LogStream.objects.filter(pk=stream_id).exists():
            _move_on(stream_id, cursor)


def _move_on(stream_id: int, cursor: Mapping[str, Sequence[int]]) -> None:
    """With the lines, so that whoever goes on reads none twice. Outputs that are long over are forgotten."""
    stream = LogStream.objects.only("cursor").get(pk=stream_id)
    known = {**stream.cursor, **cursor}
    newest = sorted(known, key=lambda output: known[output][0])[-OUTPUTS:]
    LogStream.objects.filter(pk=stream_id).update(cursor={output: known[output] for output in newest})


def close(stream_id: int) -> None:
    LogStream.objects.filter(pk=stream_id).update(closed_at=timezone.now())


def reopen(stream_id: int) -> int:
    """The stream gets lines again. The number of its last stored line."""
    LogStream.objects.filter(pk=stream_id).exclude(closed_at=None).update(closed_at=None)
    chunk = LogChunk.objects.filter(stream_id=stream_id).order_by("-first_seq").first()
    return chunk.last_seq if chunk else 0


def read(chunk: LogChunk) -> Block:
    body = zstandard.ZstdDecompressor().decompress(bytes(chunk.body)).decode()
    return Block(chunk.first_seq, chunk.last_seq - chunk.first_seq + 1, body)


def compressed(body: str) -> bytes:
    return zstandard.ZstdCompressor(level=LEVEL).compress(body.encode(errors="replace"))
