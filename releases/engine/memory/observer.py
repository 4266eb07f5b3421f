"""Observes the memory engine's instances, by looking again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

from releases.engine.base import InstanceState, Stream
from releases.engine.memory.instances import Instances, Running
from releases.engine.observing import Event, Happening, Place, Printed

PAUSE = 0.01
NANOSECONDS = 1_000_000_000


class MemoryObserver:
    def __init__(self, instances: Instances) -> None:
        self._instances = instances

    async def events(self, since: int) -> AsyncGenerator[Event, None]:
        for running in self._instances.all():
            one = running.instance
            yield Event(Happening.THERE, one.id, one.name, one.labels, 0)
        given = 0
        while True:
            fresh = self._instances.events[given:]
            given += len(fresh)
            for event in fresh:
                if event.time > since:
                    yield event
            await asyncio.sleep(PAUSE)

    async def output(self, id: str, after: Mapping[Stream, Place]) -> AsyncGenerator[list[Printed], None]:
        running = self._instances.find(id)
        known = after.get(Stream.STDOUT, Place(0, 0)).time
        given = 0
        while running is not None:
            is_there = self._instances.find(id) is not None
            has_ended = running.instance.state is not InstanceState.RUNNING
            fresh = _printed(running, given)
            given += len(fresh)
            new = [piece for piece in fresh if piece.place.time > known]
            if new or has_ended:
                yield new
            if not is_there and not fresh:
                return
            await asyncio.sleep(PAUSE)


def _printed(running: Running, given: int) -> list[Printed]:
    """No two of its outputs have the same time."""
    return [
        Printed(output.stream, output.data, Place(int(output.time * NANOSECONDS), 1))
        for output in running.outputs[given:]
    ]
