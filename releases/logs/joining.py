"""Where a new producer goes on after one that was killed."""

from __future__ import annotations

import logging

import redis

from releases.logs import store, window

logger = logging.getLogger(__name__)


def continue_after(stream_id: int) -> int:
    """The last line an earlier producer wrote. What only the window has of it goes to the database first."""
    last = store.reopen(stream_id)
    try:
        for block in window.blocks_after(stream_id, last):
            store.append(stream_id, block)
            last = block.last
    except redis.RedisError:
        logger.info("The live window of log stream %s does not answer.", stream_id)
    return last
