"""A log as text, read while it is sent: its size costs no memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from channels.db import database_sync_to_async

from releases.logs import reader

_text_after = database_sync_to_async(reader.text_after, thread_sensitive=False)


async def text(stream_id: int | None) -> AsyncGenerator[str, None]:
    """All lines that are there by the time they are reached; nothing of a log that has not begun."""
    seq = 0
    while stream_id is not None:
        piece, seq = await _text_after(stream_id, seq)
        if not piece:
            return
        yield piece
