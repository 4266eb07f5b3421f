"""Runs the agent in a thread: begun again when it fails, once per installation, ended when it is told to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from releases.agent import presence
from releases.agent.agent import Agent
from releases.alone import Busy, alone
from releases.engine.base import Engine

logger = logging.getLogger(__name__)

LOOK = 0.2  # seconds between two looks at `stopping`
REST = 5.0  # seconds before it is begun again


def run(engine: Engine, stopping: Callable[[], bool]) -> None:
    """Two that write the same consoles would repeat every line: the second one waits until the first is gone."""
    asyncio.run(_keep_at_it(engine, stopping))


async def _keep_at_it(engine: Engine, stopping: Callable[[], bool]) -> None:
    while not stopping():
        try:
            with alone("agent"):
                await _follow(engine, stopping)
        except Busy as error:
            logger.info("%s", error)
        except Exception:
            logger.exception("The engine could not be followed.")
        until = asyncio.get_running_loop().time() + REST
        while not stopping() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(LOOK)


async def _follow(engine: Engine, stopping: Callable[[], bool]) -> None:
    work = asyncio.create_task(Agent(engine.observer()).run())
    seen = 0.0
    while not stopping() and not work.done():
        if time.monotonic() >= seen + presence.EVERY:
            presence.show()
            seen = time.monotonic()
        await asyncio.sleep(LOOK)
    work.cancel()
    await asyncio.wait([work])
    if not work.cancelled():
        work.result()
