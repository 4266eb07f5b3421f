"""What was printed and is not stored yet: seconds of lines, which viewers see already in the live window."""

from __future__ import annotations

import logging

import redis

from releases.logs import window
from releases.logs.lines import Block

logger = logging.getLogger(__name__)

ENTRIES = 100  # of the window, read at once


def blocks_after(stream_id: int, seq: int) -> list[Block]:
    """The window's next lines after line `seq`, up to a hole if there is one; none when Redis does not answer."""
    blocks = list[Block]()
    try:
        for block in window.blocks_after(stream_id, seq, ENTRIES):
            if block.first != seq + 1:
                break
            blocks.append(block)
            seq = block.last
    except redis.RedisError as error:
        logger.info("The live window of log stream %s does not answer: %s", stream_id, error)
    return blocks
