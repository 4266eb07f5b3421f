"""The agent on the memory engine: what is printed and what happens reaches the console, once, whoever is restarted."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable

import pytest
import time_machine
from channels.db import database_sync_to_async
from django.db import connection

from releases.agent import agent as agent_module
from releases.agent import console as console_log
from releases.agent.agent import Agent
from releases.agent.console import out_at
from releases.engine.base import InstanceRequest, Labels, Limits
from releases.engine.memory import MemoryEngine
from releases.logs import reader
from releases.logs.lines import PLATFORM
from releases.models import LogStream, Release
from services.models import Service
from services.settings import Variable
from tests.factories import make_release, make_service
from tests.waiting import LIMIT

NEVER = 3_600.0  # seconds: no test waits for what takes so long

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("without_redis")]


@pytest.fixture
def engine() -> MemoryEngine:
    engine = MemoryEngine("0a1b2c3d")
    engine.pull_image("app", lambda _: None, lambda: False, 1)
    return engine


@pytest.fixture
def stored_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a live window, a console is seen when it is stored."""
    monkeypatch.setattr(console_log, "STORE_WAIT", 0.3)


@pytest.fixture
def stored_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what does not wait for the next chunk is stored."""
    monkeypatch.setattr(console_log, "STORE_WAIT", NEVER)


@pytest.fixture
def last_words_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what does not wait for last words is told."""
    monkeypatch.setattr(agent_module, "LAST_WORDS", NEVER)


@pytest.fixture
def release(transactional_db: None) -> Release:
    return make_release(make_service(name="web", variables=[Variable("TOKEN", "hunter2!")]))


def start(engine: MemoryEngine, release: Release, index: int = 1) -> str:
    labels = Labels("e1", str(release.service_id), str(release.pk), str(index))
    name = f"web-{release.number}-{index}"
    network = engine.ensure_network("e1")
    engine.start(InstanceRequest(name, "app", network, "web", Limits(64, 1.0), labels))
    return name


@contextlib.asynccontextmanager
async def running(engine: MemoryEngine) -> AsyncIterator[Agent]:
    """An agent, which tells what happens from here on, and has written everything down at the end."""
    agent = Agent(engine.observer())
    work = asyncio.create_task(agent.run())
    await asyncio.sleep(0)  # it looks at the clock
    try:
        yield agent
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def stored(service_id: int, newest: int) -> list[tuple[str, str]]:
    stream = LogStream.objects.filter(service_id=service_id).first()
    return [(line.source, line.text) for _, line in reader.tail(stream.pk, newest)] if stream else []


async def console(release: Release, newest: int = 50_000) -> list[tuple[str, str]]:
    return await database_sync_to_async(stored, thread_sensitive=False)(release.service_id, newest)


async def until(said: Callable[[list[tuple[str, str]]], bool], release: Release) -> None:
    """`said` looks at the newest lines: reading all of many thousand again and again would keep the agent waiting."""
    async with asyncio.timeout(LIMIT):
        while not said(await console(release, newest=20)):
            await asyncio.sleep(0.05)


async def until_stored(release: Release, *lines: tuple[str, str]) -> None:
    await until(lambda found: set(lines) <= set(found), release)


@pytest.mark.usefixtures("stored_soon")
async def test_what_instances_print_is_kept_masked_and_named(engine: MemoryEngine, release: Release) -> None:
    first, second = start(engine, release, 1), start(engine, release, 2)
    async with running(engine):
        engine.print(first, "the token is hunter2!", "\x1b[2Jred \x1b[31mred\x1b[0m")
        engine.print(second, "ready")
        await until_stored(release, ("#1 web-1", "red \x1b[31mred\x1b[0m"), ("#1 web-2", "ready"))
    found = await console(release)
    assert ("#1 web-1", "the token is ••••••") in found
    assert ("#1 web-1", "red \x1b[31mred\x1b[0m") in found
    assert ("#1 web-2", "ready") in found


@pytest.mark.usefixtures("stored_soon")
async def test_an_agent_that_is_replaced_repeats_and_loses_nothing(engine: MemoryEngine, release: Release) -> None:
    name = start(engine, release)
    printed = 0
    for is_last in (False, False, False, True):
        engine.print(name, *(f"line {number}" for number in range(printed, printed + 50)))
        printed += 50
        async with running(engine):
            engine.print(name, *(f"line {number}" for number in range(printed, printed + 50)))
            printed += 50
            if is_last:
                await until_stored(release, ("#1 web-1", f"line {printed - 1}"))
            else:
                await asyncio.sleep(0.2)  # wherever that interrupts it
    texts = [text for source, text in await console(release) if source == "#1 web-1"]
    assert texts == [f"line {number}" for number in range(printed)]


@pytest.mark.usefixtures("stored_soon")
async def test_a_removed_instance_keeps_its_lines_and_the_next_release_goes_on(
    engine: MemoryEngine, release: Release
) -> None:
    name = start(engine, release)
    async with running(engine):
        engine.print(name, "old")
        await until_stored(release, ("#1 web-1", "old"))
        engine.stop(name, 1)
        engine.remove(name)
        next_release = await database_sync_to_async(make_release, thread_sensitive=False)(release.service, "retired")
        engine.print(start(engine, next_release), "new")
        told = (PLATFORM, "#1 web-1 was stopped."), (PLATFORM, "#2 web-1 started.")
        await until_stored(release, ("#2 web-1", "new"), *told)
    found = await console(release)
    assert [line for line in found if line[0] != PLATFORM] == [("#1 web-1", "old"), ("#2 web-1", "new")]


@pytest.mark.usefixtures("stored_late")
async def test_that_all_of_an_ended_instance_is_known_is_written_down_at_once(
    engine: MemoryEngine, release: Release
) -> None:
    name = start(engine, release)
    async with running(engine):
        engine.print(name, "hello")
        await until(lambda found: bool(found), release)
        engine.print(name, *(f"line {number}" for number in range(1_000)))
        engine.stop(name, 1)
        ended = engine.inspect(name).ended
        assert ended
        async with asyncio.timeout(LIMIT):
            while await out(release, name, engine) < ended * 1_000_000_000:
                await asyncio.sleep(0.05)
        assert ("#1 web-1", "line 999") in await console(release)
        await until_stored(release, (PLATFORM, "#1 web-1 was stopped."))  # which may come after a first mark
        known = await settled(release, name, engine)
        engine.restart(name)
        engine.crash(name, 1)
        async with asyncio.timeout(LIMIT):
            while await out(release, name, engine) == known:
                await asyncio.sleep(0.05)


async def settled(release: Release, name: str, engine: MemoryEngine) -> int:
    """Once is enough: the agent does not write down again and again what it knows."""
    known, before = await out(release, name, engine), 0
    async with asyncio.timeout(LIMIT):
        while known != before:
            await asyncio.sleep(0.3)
            known, before = await out(release, name, engine), known
    return known


async def out(release: Release, name: str, engine: MemoryEngine) -> int:
    def ask() -> int:
        return out_at(LogStream.objects.get(service_id=release.service_id).cursor, engine.inspect(name).id)

    return await database_sync_to_async(ask, thread_sensitive=False)()


@pytest.mark.usefixtures("stored_soon")
async def test_a_crash_and_the_start_after_it_are_told_once(engine: MemoryEngine, release: Release) -> None:
    name = start(engine, release)
    ended, again = (PLATFORM, "#1 web-1 ended with exit code 3."), (PLATFORM, "#1 web-1 was started again.")
    async with running(engine):
        engine.print(name, "last words")
        engine.crash(name, 3)
        engine.restart(name)
        engine.print(name, "back again")
        await until_stored(release, ended, again, ("#1 web-1", "back again"))
    async with running(engine):
        engine.crash(name, 4)  # told after all that happened before
        await until_stored(release, (PLATFORM, "#1 web-1 ended with exit code 4."))
    told = await console(release)
    # Events and output reach the agent on two ways: between them there is no order.
    assert [line for line in told if line[0] != PLATFORM] == [("#1 web-1", "last words"), ("#1 web-1", "back again")]
    assert [line for line in told if line[0] == PLATFORM][:-1] == [ended, again]


@pytest.mark.usefixtures("stored_soon", "last_words_late")
async def test_the_end_of_an_instance_stands_before_what_another_one_printed_later(
    engine: MemoryEngine, release: Release
) -> None:
    first, second = start(engine, release, 1), start(engine, release, 2)
    async with running(engine):
        engine.print(first, "last words")
        await until_stored(release, ("#1 web-1", "last words"))
        engine.stop(first, 1)
        await until_stored(release, (PLATFORM, "#1 web-1 was stopped."))
        engine.print(second, "later")
        await until_stored(release, ("#1 web-2", "later"))
    told = [line for line in await console(release) if not line[1].endswith("started.")]
    assert told == [("#1 web-1", "last words"), (PLATFORM, "#1 web-1 was stopped."), ("#1 web-2", "later")]


@pytest.mark.usefixtures("stored_soon")
async def test_what_happened_while_no_agent_was_there_is_told(engine: MemoryEngine, release: Release) -> None:
    name = start(engine, release)
    ended, again = (PLATFORM, "#1 web-1 ended with exit code 1."), (PLATFORM, "#1 web-1 was started again.")
    async with running(engine):
        engine.crash(name, 1)
        await until_stored(release, ended)
    engine.restart(name)
    async with running(engine):
        await until_stored(release, again)
    assert [line for line in await console(release) if line[0] == PLATFORM] == [ended, again]


@pytest.mark.usefixtures("stored_soon")
async def test_an_instance_that_prints_too_much_is_cut_and_the_count_is_told(
    engine: MemoryEngine, release: Release
) -> None:
    name = start(engine, release)
    with time_machine.travel(time.time(), tick=False):  # at once, however slow the machine is
        engine.print(name, *(str(number) for number in range(12_000)))
    async with running(engine):
        await until(lambda found: any("left out" in text for _, text in found), release)
        engine.print(start(engine, release, 2), "quiet neighbour")
        await until_stored(release, ("#1 web-2", "quiet neighbour"))
        engine.remove(name)
        await until(lambda found: any(text.endswith("were left out.") for _, text in found), release)
    found = await console(release)
    kept = [text for source, text in found if source == "#1 web-1"]
    left_out = [text for source, text in found if source == PLATFORM and text.endswith("were left out.")]
    assert kept[:10_000] == [str(number) for number in range(10_000)]
    assert left_out == [f"{12_000 - len(kept):,} lines of #1 web-1 were left out."]


@pytest.mark.usefixtures("stored_soon")
async def test_a_locked_database_makes_the_reader_wait_and_loses_nothing(
    engine: MemoryEngine, release: Release
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite has one lock for all writers.")
    name = start(engine, release)
    async with running(engine) as agent:
        async with asyncio.timeout(LIMIT):
            while release.service_id not in agent._consoles:
                await asyncio.sleep(0.01)
        log = agent._consoles[release.service_id]
        address = connection.settings_dict["NAME"]
        with contextlib.closing(sqlite3.connect(address, isolation_level=None, check_same_thread=False)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            engine.print(name, *(f"{number} {'x' * 1_000}" for number in range(6_000)))
            async with asyncio.timeout(LIMIT):
                while not log.is_behind:
                    await asyncio.sleep(0.01)
            engine.print(name, *(f"{number} {'x' * 1_000}" for number in range(6_000, 7_000)))
            await asyncio.sleep(0.3)
            assert len(log._flusher._for_store.lane) <= 6_001  # what was printed then is still with the engine
        await until(lambda found: bool(found) and found[-1][1].startswith("6999 "), release)
    numbers = [int(text.split()[0]) for source, text in await console(release) if source != PLATFORM]
    assert numbers == list(range(7_000))


async def test_containers_of_no_release_and_of_deleted_services_are_left_alone(
    engine: MemoryEngine, release: Release
) -> None:
    start(engine, release)
    await database_sync_to_async(Service.objects.all().delete, thread_sensitive=False)()
    async with running(engine):
        await asyncio.sleep(0.2)
    assert await console(release) == []
