"""Observing: what happens to instances, what they print, on every engine; interruptions on Docker."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from statistics import median

import pytest

from releases.engine.base import Stream
from releases.engine.observing import Event, Happening, Observer, Place, Printed
from tests.engine.relay import Relay
from tests.engine.rigs import DockerRig, Recipe, Rig

SECONDS = 60
NANOSECONDS = 1_000_000_000


async def events_until(events: AsyncGenerator[Event, None], wanted: Happening) -> list[Event]:
    """Up to the first of this kind."""
    seen = []
    async with asyncio.timeout(SECONDS):
        async for event in events:
            seen.append(event)
            if event.happening is wanted:
                return seen
    raise AssertionError("The events ended.")


async def delay(events: AsyncGenerator[Event, None], wanted: Happening) -> int:
    """Nanoseconds from the moment of the next of this kind until it is told."""
    event = (await events_until(events, wanted))[-1]
    return time.time_ns() - event.time


class Reader:
    """What is printed, and the places that another reader would go on from."""

    def __init__(self, observer: Observer, id: str, after: Mapping[Stream, Place] | None = None) -> None:
        self.observer, self.id = observer, id
        self.places = dict(after or {})
        self.printed: list[Printed] = []

    @property
    def text(self) -> str:
        return b"".join(piece.data for piece in self.printed).decode()

    async def read(self, done: Callable[[], bool] = lambda: False) -> None:
        """Until `done`, or to the end."""
        async with asyncio.timeout(110), contextlib.aclosing(self.observer.output(self.id, self.places)) as batches:
            async for batch in batches:
                self.printed += batch
                self.places |= {piece.stream: piece.place for piece in batch}
                if done():
                    return


async def in_thread(function: Callable[..., object], *arguments: object) -> object:
    return await asyncio.to_thread(function, *arguments)


async def test_what_is_there_is_named_and_then_what_happens(rig: Rig) -> None:
    image = rig.build("app:1").digest
    there = rig.start("web-1", image)
    async with contextlib.aclosing(rig.engine.observer().events(time.time_ns())) as events:
        found = (await events_until(events, Happening.THERE))[-1]
        assert (found.id, found.name, found.labels.service) == (there.id, "web-1", "7")
        begun = time.monotonic()
        started = await in_thread(rig.start, "web-2", image)
        event = (await events_until(events, Happening.STARTED))[-1]
        assert (event.name, event.labels.release) == ("web-2", "9")
        assert event.id == started.id  # type: ignore[attr-defined]
        await in_thread(rig.engine.stop, "web-2", 5)
        ended = (await events_until(events, Happening.ENDED))[-1]
        assert (ended.name, ended.asked) == ("web-2", True)
        await in_thread(rig.engine.remove, "web-2")
        removed = (await events_until(events, Happening.REMOVED))[-1]
        assert removed.id == event.id
        assert time.monotonic() - begun < SECONDS


async def test_a_crash_tells_its_code_and_the_start_after_it(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1").digest)
    async with contextlib.aclosing(rig.engine.observer().events(time.time_ns())) as events:
        await events_until(events, Happening.THERE)
        await in_thread(rig.crash, "web-1")
        ended = (await events_until(events, Happening.ENDED))[-1]
        assert not ended.asked
        assert ended.exit_code
        assert (await events_until(events, Happening.STARTED))[-1].id == ended.id


async def test_an_observer_that_was_away_is_told_what_happened_since(rig: Rig) -> None:
    before = time.time_ns()
    await asyncio.sleep(0.01)
    rig.start("web-1", rig.build("app:1").digest)
    rig.engine.remove("web-1")
    async with contextlib.aclosing(rig.engine.observer().events(before)) as events:
        seen = await events_until(events, Happening.REMOVED)
    assert [event.happening for event in seen] == [Happening.STARTED, Happening.ENDED, Happening.REMOVED]


async def test_output_is_read_once_and_goes_on_from_a_place(rig: Rig) -> None:
    started = rig.start("web-1", rig.build("app:1", Recipe(prints="hello")).digest)
    reader = Reader(rig.engine.observer(), started.id)
    await reader.read(lambda: True)
    assert reader.text == "hello\n"
    later = Reader(rig.engine.observer(), started.id, reader.places)
    rig.engine.remove("web-1")
    await later.read()
    assert later.text == ""


async def test_the_output_of_a_removed_instance_ends(rig: Rig) -> None:
    started = rig.start("web-1", rig.build("app:1", Recipe(prints="hello")).digest)
    reader = Reader(rig.engine.observer(), started.id)
    reading = asyncio.create_task(reader.read())
    await until(lambda: "hello" in reader.text)
    await in_thread(rig.engine.remove, "web-1")
    await reading
    assert reader.text == "hello\n"


@pytest.mark.engine
class TestDocker:
    async def test_start_and_end_are_seen_within_a_second(self, docker_rig: DockerRig) -> None:
        """Mostly, as the machine may be busy. Of each moment the engine tells the time."""
        image = docker_rig.build("app:1").digest
        docker_rig.start("there", image)
        starts, ends = list[int](), list[int]()
        async with contextlib.aclosing(docker_rig.engine.observer().events(time.time_ns())) as events:
            await events_until(events, Happening.THERE)  # from now on it hears
            for _ in range(5):
                starting = asyncio.create_task(in_thread(docker_rig.start, "web-1", image))
                starts.append(await delay(events, Happening.STARTED))
                await starting
                stopping = asyncio.create_task(in_thread(docker_rig.engine.stop, "web-1", 0))
                ends.append(await delay(events, Happening.ENDED))
                await stopping
        assert median(starts) < NANOSECONDS
        assert median(ends) < NANOSECONDS

    async def test_numbered_lines_over_cut_connections(self, relayed_rig: tuple[DockerRig, Relay]) -> None:
        rig, relay = relayed_rig
        command = f"n=0; while [ $n -lt 3000 ]; do n=$((n+1)); echo $n; echo $n >&2; {nap(10)}; done; sleep 99"
        started = rig.start("web-1", rig.base, command=command)
        reader = Reader(rig.engine.observer(), started.id)
        cutting = asyncio.create_task(cut_often(relay))
        await reader.read(lambda: numbers(reader, Stream.STDERR)[-1:] == [3000])
        cutting.cancel()
        assert relay.cuts >= 3
        assert numbers(reader, Stream.STDOUT) == numbers(reader, Stream.STDERR) == list(range(1, 3001))

    async def test_numbered_lines_over_readers_that_are_replaced(self, docker_rig: DockerRig) -> None:
        command = f"n=0; while [ $n -lt 2000 ]; do n=$((n+1)); echo $n; {nap(10)}; done; sleep 99"
        started = docker_rig.start("web-1", docker_rig.base, command=command)
        read = list[int]()
        places: dict[Stream, Place] = {}
        readers = 0
        while read[-1:] != [2000]:
            reader = Reader(docker_rig.engine.observer(), started.id, places)
            await reader.read(lambda found=reader: len(found.printed) > 150 or numbers(found)[-1:] == [2000])
            read, places, readers = read + numbers(reader), reader.places, readers + 1
        assert readers >= 3
        assert read == list(range(1, 2001))

    async def test_a_fast_writer_loses_nothing_over_rotations(self, docker_rig: DockerRig) -> None:
        lines = 250_000
        command = f"seq -f '%.0f {'e' * 60}' 1 {lines}; sleep 0.5; echo {lines + 1}; sleep 99"
        started = docker_rig.start("web-1", docker_rig.base, command=command)
        reader = Reader(docker_rig.engine.observer(), started.id)
        await reader.read(lambda: reader.printed[-1].data == b"%d\n" % (lines + 1))
        assert numbers(reader) == list(range(1, lines + 2))

    async def test_last_words_before_a_removal_are_heard(self, docker_rig: DockerRig) -> None:
        command = "trap 'echo bye; exit 0' TERM; echo hello; while true; do sleep 0.05; done"
        started = docker_rig.start("web-1", docker_rig.base, command=command)
        reader = Reader(docker_rig.engine.observer(), started.id)
        reading = asyncio.create_task(reader.read())
        await until(lambda: "hello" in reader.text)

        def end() -> None:
            docker_rig.engine.stop("web-1", 5)
            docker_rig.engine.remove("web-1")

        await in_thread(end)
        await reading
        assert reader.text.splitlines().count("hello") == 1
        assert reader.text.splitlines().count("bye") == 1  # beside what the shell says of its sleep


def nap(every: int) -> str:
    """A pause after each so many lines: the shell's sleep is a process."""
    return f"[ $((n % {every})) -eq 0 ] && sleep 0.02"


def numbers(reader: Reader, stream: Stream = Stream.STDOUT) -> list[int]:
    data = b"".join(piece.data for piece in reader.printed if piece.stream is stream)
    return [int(line.split()[0]) for line in data.splitlines()]


async def cut_often(relay: Relay) -> None:
    """Not for ever: on a slow machine a read would not end between two."""
    while relay.cuts < 8:
        await asyncio.sleep(0.4)
        relay.cut()


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not done():
            await asyncio.sleep(0.02)
