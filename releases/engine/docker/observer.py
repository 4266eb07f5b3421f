"""Observes the installation's containers over the engine's event stream and logs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import urlencode

from releases.engine.base import EngineError, Labels, Stream, Unavailable
from releases.engine.docker.events import json_lines
from releases.engine.docker.names import Names, read_labels
from releases.engine.docker.pace import Pace
from releases.engine.docker.printing import Printing
from releases.engine.docker.transport import Transport
from releases.engine.docker.wire import asked
from releases.engine.observing import Event, Happening, Place, Printed

SECONDS = 30.0
AWAY = 0.5  # seconds before an engine that does not answer is asked again
NANOSECONDS = 1_000_000_000
ASKED_TO = ["start", "die", "kill", "oom", "destroy", "health_status"]
_HAPPENINGS = {
    "start": Happening.STARTED,
    "die": Happening.ENDED,
    "oom": Happening.OUT_OF_MEMORY,
    "destroy": Happening.REMOVED,
}
_HEALTH = "health_status: "


class DockerObserver:
    def __init__(self, transport: Transport, names: Names) -> None:
        self._transport = transport
        self._names = names
        self._printing: dict[str, Printing] = {}
        self._pace = Pace()
        self._told_to_stop: set[str] = set()

    async def events(self, since: int) -> AsyncGenerator[Event, None]:
        last = since
        while True:
            try:
                async for event in self._connection(last):
                    last = max(last, event.time)
                    yield event
            except EngineError:
                await asyncio.sleep(AWAY)

    async def output(self, id: str, after: Mapping[Stream, Place]) -> AsyncGenerator[list[Printed], None]:
        while (target := await self._log_of(id)) is None:
            await asyncio.sleep(AWAY)
        printing = self._printing[id] = Printing(self._transport.socket_path, target, after, self._pace)
        try:
            async for batch in printing.batches():
                yield batch
        finally:
            self._printing.pop(id, None)

    async def _connection(self, since: int) -> AsyncGenerator[Event, None]:
        """The stream first, then the list: what happens in between is in the stream."""
        filters = {**self._names.filters(), "type": ["container"], "event": ASKED_TO}
        moment = f"{since // NANOSECONDS}.{since % NANOSECONDS:09d}"
        target = await self._target("/events", {"since": moment, "filters": json.dumps(filters)})
        async with asked(self._transport.socket_path, target, None) as wire:
            for event in await self._all():
                yield event
            rest = b""
            async for piece in wire.pieces():
                *lines, rest = (rest + piece).split(b"\n")
                for raw in json_lines(f"{line.decode()}\n".encode() for line in lines):
                    if news := self._understood(raw):
                        yield news
        raise Unavailable("The Docker engine ended its stream of events.")

    async def _all(self) -> list[Event]:
        rows = await self._json("/containers/json", {"all": "1", "filters": json.dumps(self._names.filters())})
        return [
            Event(Happening.THERE, row["Id"], self._names.instance(row["Names"][0]), read_labels(row["Labels"]), 0)
            for row in rows
            if row["Names"]
        ]

    def _understood(self, raw: dict[str, Any]) -> Event | None:
        """Signals that the engine was told to send make no event: they explain the end that follows."""
        action, attributes, id = str(raw["Action"]), raw["Actor"]["Attributes"], str(raw["Actor"]["ID"])
        if action == "kill":
            self._told_to_stop.add(id)
            return None
        happening = Happening.HEALTH if action.startswith(_HEALTH) else _HAPPENINGS.get(action)
        if happening is None:
            return None
        asked_to = id in self._told_to_stop
        if happening in (Happening.STARTED, Happening.REMOVED):
            self._told_to_stop.discard(id)
        if printing := self._printing.get(id):
            printing.ring()
        labels: Labels = read_labels(attributes)
        return Event(
            happening,
            id,
            self._names.instance(attributes.get("name", "")),
            labels,
            int(raw["timeNano"]),
            exit_code=int(attributes["exitCode"]) if "exitCode" in attributes else None,
            asked=asked_to,
            health=action.removeprefix(_HEALTH) if happening is Happening.HEALTH else "",
        )

    async def _log_of(self, id: str) -> str | None:
        """None while the engine is away."""
        try:
            return await self._target(f"/containers/{id}/logs")
        except EngineError:
            return None

    async def _json(self, path: str, parameters: Mapping[str, str]) -> Any:
        target = await self._target(path, parameters)
        async with asked(self._transport.socket_path, target, SECONDS) as wire:
            content = await wire.content()
        try:
            return json.loads(content)
        except ValueError as error:
            raise Unavailable("The Docker engine's answer cannot be read.") from error

    async def _target(self, path: str, parameters: Mapping[str, str] | None = None) -> str:
        """Finding out which version the engine speaks is a blocking question, asked once."""
        target = await asyncio.to_thread(self._transport.target, path)
        return f"{target}?{urlencode(parameters)}" if parameters else target
