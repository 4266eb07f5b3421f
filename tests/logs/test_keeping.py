"""Consoles are kept within their bounds, and their small chunks put together."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from releases.logs import reader, store
from releases.logs.keeping import keep_consoles
from releases.logs.lines import Block, Line
from releases.models import LogChunk, LogStream
from tests.factories import make_release, make_service


def make_console(chunks: int, lines: int) -> LogStream:
    stream = LogStream.objects.create(service=make_service())
    for number in range(chunks):
        first = number * lines + 1
        store.append(stream.pk, Block.of(first, [Line(1, "web-1", str(first + at)) for at in range(lines)]))
    stream.refresh_from_db()
    return stream


def age(stream: LogStream, **delta: int) -> None:
    LogChunk.objects.filter(stream=stream).update(stored_at=timezone.now() - timedelta(**delta))


def test_the_last_lines_stay(db: None) -> None:
    stream = make_console(30, 100)
    keep_consoles(1_000, 7)
    assert LogChunk.objects.filter(stream=stream).first().first_seq == 2_001  # type: ignore[union-attr]
    assert reader.console_of(stream.service_id or 0).first == 2_001


def test_old_lines_go(db: None) -> None:
    stream = make_console(3, 10)
    age(stream, days=8)
    store.append(stream.pk, Block.of(31, [Line(1, "web-1", "new")]))
    keep_consoles(1_000, 7)
    assert [line.text for _, line in reader.tail(stream.pk, 100)] == ["new"]


def test_small_chunks_become_few_and_no_line_is_lost(db: None) -> None:
    stream = make_console(150, 7)
    age(stream, minutes=2)
    keep_consoles(100_000, 7)
    chunks = LogChunk.objects.filter(stream=stream)
    assert chunks.count() == 3
    assert [(seq, line.text) for seq, line in reader.tail(stream.pk, 2_000)] == [(n, str(n)) for n in range(1, 1_051)]
    keep_consoles(100_000, 7)
    assert chunks.count() == 3


def test_new_chunks_and_holes_are_left_as_they_are(db: None) -> None:
    stream = make_console(2, 5)
    keep_consoles(100_000, 7)
    store.append(stream.pk, Block.of(21, [Line(1, "web-1", "after a hole")]))
    age(stream, minutes=2)
    keep_consoles(100_000, 7)
    assert list(LogChunk.objects.filter(stream=stream).values_list("first_seq", "last_seq")) == [(1, 10), (21, 21)]


def test_logs_of_releases_are_kept(db: None) -> None:
    stream = LogStream.objects.create(release=make_release())
    store.append(stream.pk, Block.of(1, [Line(1, "build", "old")]))
    age(stream, days=800)
    keep_consoles(1_000, 7)
    assert LogChunk.objects.filter(stream=stream).exists()
