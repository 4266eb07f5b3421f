"""Whether a connection takes more now: an application that sends waits for a client that does not read."""

from __future__ import annotations

import asyncio
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

PATIENCE = 60.0  # seconds in which a client takes nothing


@implementer(IPushProducer)
class Flow:
    """What Twisted asks to pause while its buffer for a connection is full (64 KB). Daphne asks nobody."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._open = asyncio.Event()
        self._open.set()

    async def room(self) -> None:
        """Returns when the client has taken enough, or is gone; one that takes nothing for too long is cut off."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._open.wait()
        except TimeoutError:
            self._transport.abortConnection()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's names
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._open.set()
