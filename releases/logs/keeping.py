"""How long consoles are kept, and that their many small chunks become few."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from releases.logs import store
from releases.logs.lines import BLOCK_LINES
from releases.models import LogChunk, LogStream
from releases.models.log import OF_A_SERVICE

SETTLED = timedelta(minutes=1)  # what is newer may be read by somebody who follows it chunk by chunk
CHUNKS = 2_000  # of one console, put together in one run


def keep_consoles(lines: int, days: int) -> None:
    """Of each console the last so many lines stay, and of those what is not older than so many days."""
    for stream in LogStream.objects.filter(OF_A_SERVICE):
        chunks = LogChunk.objects.filter(stream=stream)
        chunks.filter(last_seq__lte=stream.last_seq - lines).delete()
        chunks.filter(stored_at__lt=timezone.now() - timedelta(days=days)).delete()
        _put_together(stream)


def _put_together(stream: LogStream) -> None:
    """Neighbours that fill one chunk together. A slow console stores few lines at a time."""
    small = LogChunk.objects.filter(stream=stream, stored_at__lt=timezone.now() - SETTLED).defer("body")
    for _, group in groupby(small.order_by("first_seq")[:CHUNKS], _Groups()):
        if len(chunks := list(group)) > 1:
            _merge(chunks)


class _Groups:
    """Numbers the groups: one ends where its lines would be too many, or where lines are missing."""

    def __init__(self) -> None:
        self._number = self._first = self._last = 0

    def __call__(self, chunk: LogChunk) -> int:
        if chunk.first_seq != self._last + 1 or chunk.last_seq - self._first >= BLOCK_LINES:
            self._number += 1
            self._first = chunk.first_seq
        self._last = chunk.last_seq
        return self._number


def _merge(chunks: list[LogChunk]) -> None:
    """In one transaction, so that no reader finds lines twice or not at all."""
    with transaction.atomic():
        body = "\n".join(store.read(chunk).body for chunk in chunks)
        first, last = chunks[0], chunks[-1]
        LogChunk.objects.filter(pk__in=[chunk.pk for chunk in chunks[1:]]).delete()
        LogChunk.objects.filter(pk=first.pk).update(
            last_seq=last.last_seq, body=store.compressed(body), stored_at=last.stored_at
        )
