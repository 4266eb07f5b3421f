"""Reads logs from the database: after a cursor, or at the end; the whole as text, with what is not stored yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from releases.logs import store, unstored
from releases.logs.escapes import without_colours
from releases.logs.lines import BUILD, NOT_INSTANCES, PLATFORM, STAGE, Block, Line
from releases.models import LogChunk, LogStream, Release, Stage
from services.models import Service

TEXT_LINES = 5_000  # in memory at once while a log is downloaded
CHUNKS = 500  # of a console whose chunks are small
ABANDONED = timedelta(minutes=2)  # far longer than a lease: nobody writes the log of a finished release any more


@dataclass(frozen=True)
class State:
    """`stream` is None before there is one; lines `first` to `last` of it are kept.

    `over` means that no line will come any more. `status` is that of a release; empty for a console.
    """

    stream: int | None
    status: str
    last: int
    over: bool
    first: int = 1


def state_of(release_id: int) -> State:
    """Raises Release.DoesNotExist."""
    release = Release.objects.only("status", "started_at", "heartbeat_at").get(pk=release_id)
    stream = LogStream.objects.filter(release_id=release_id).first()
    return State(
        stream=stream.pk if stream else None,
        status=release.status,
        last=stream.last_seq if stream else 0,
        over=release.is_finished and (_has_no_producer(release) or bool(stream and stream.closed_at)),
    )


def console_of(service_id: int) -> State:
    """Of a service, which is never over. Raises Service.DoesNotExist when the service is deleted."""
    stream = LogStream.objects.filter(service_id=service_id).first()
    if stream is None:
        Service.objects.present().only("pk").get(pk=service_id)
        return State(stream=None, status="", last=0, over=False)
    kept = LogChunk.objects.filter(stream=stream).order_by("first_seq").values_list("first_seq", flat=True).first()
    first = stream.last_seq + 1 if kept is None else kept
    return State(stream=stream.pk, status="", last=stream.last_seq, over=False, first=first)


def sources(stream_id: int, chunks: int) -> list[str]:
    """Which instances speak in the newest chunks, the newest first."""
    found = dict[str, None]()
    for chunk in LogChunk.objects.filter(stream_id=stream_id).order_by("-first_seq")[:chunks]:
        found |= dict.fromkeys(line.source for line in reversed(store.read(chunk).lines))
    return [source for source in found if source not in NOT_INSTANCES]


def _has_no_producer(release: Release) -> bool:
    """It never started, or its worker has ended without closing the log."""
    lease = release.heartbeat_at
    return release.started_at is None or lease is None or timezone.now() - lease > ABANDONED


def blocks_after(stream_id: int, seq: int, limit: int) -> list[Block]:
    """Stored lines after line `seq`, in order; stops at the chunk that reaches `limit` lines."""
    blocks, count = list[Block](), 0
    for chunk in LogChunk.objects.filter(stream_id=stream_id, last_seq__gt=seq).order_by("first_seq")[:50]:
        block = store.read(chunk).after(seq)
        blocks.append(block)
        count += block.count
        if count >= limit:
            break
    return blocks


def before(stream_id: int, seq: int, limit: int) -> Block:
    """The last stored lines before line `seq`, at least `limit` of them where there are so many, in one piece."""
    blocks, count = list[Block](), 0
    for chunk in LogChunk.objects.filter(stream_id=stream_id, first_seq__lt=seq).order_by("-first_seq")[:CHUNKS]:
        block = store.read(chunk)
        if blocks and block.last + 1 != blocks[0].first:
            break
        blocks.insert(0, block)
        count += block.count
        if count >= limit:
            break
    lines = [line for block in blocks for line in block.lines]
    first = blocks[0].first if blocks else seq
    return Block.of(first, lines[: seq - first])


def tail(stream_id: int, count: int) -> list[tuple[int, Line]]:
    """The last lines with their numbers."""
    lines: list[tuple[int, Line]] = []
    for chunk in LogChunk.objects.filter(stream_id=stream_id).order_by("-first_seq")[:count]:
        block = store.read(chunk)
        lines = [*enumerate(block.lines, block.first), *lines]
        if len(lines) >= count:
            break
    return lines[-count:]


def text_after(stream_id: int, seq: int) -> tuple[str, int]:
    """The next lines after line `seq` as plain text, and the last one's number; no text at the end."""
    blocks = blocks_after(stream_id, seq, TEXT_LINES) or unstored.blocks_after(stream_id, seq)
    return "".join(_as_text(line) for block in blocks for line in block.lines), blocks[-1].last if blocks else seq


def _as_text(line: Line) -> str:
    when = datetime.fromtimestamp(line.time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    if line.source == STAGE:
        return f"\n{when}Z == {Stage(line.text).label} ==\n"
    source = "" if line.source == BUILD else f"[{line.source}] " if line.source != PLATFORM else "> "
    return f"{when}Z {source}{without_colours(line.text)}\n"
