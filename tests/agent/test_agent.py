"""The agent on the memory engine: what is printed and what happens reaches the console, once, whoever is restarted."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable

import pytest
from channels.db import database_sync_to_async
from django.db import connection

from releases.agent import console as console_log
from releases.agent.agent import LAST_WORDS, Agent
from releases.agent.console import STORE_WAIT, out_at
from releases.engine.base import InstanceRequest, Labels, Limits
from releases.engine.memory import MemoryEngine
from releases.logs import reader
from releases.logs.lines import PLATFORM
from releases.models import LogStream, Release
from services.models import Service
from services.settings import Variable
from tests.factories import make_release, make_service

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
def release(transactional_db: None) -> Release:
    return make_release(make_service(name="web", variables=[Variable("TOKEN", "hunter2!")]))


def start(engine: MemoryEngine, release: Release, index: int = 1) -> str:
    labels = Labels("e1", str(release.service_id), str(release.pk), str(index))
    name = f"web-{release.number}-{index}"
    network = engine.ensure_network("e1")
    engine.start(InstanceRequest(name, "app", network, "web", Limits(64, 1.0), labels))
    return name


@contextlib.asynccontextmanager
async def running(engine: MemoryEngine) -> AsyncIterator[None]:
    """An agent, which has written everything down at the end."""
    work = asyncio.create_task(Agent(engine.observer()).run())
    try:
        yield
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
    async with asyncio.timeout(15):
        while not said(await console(release, newest=20)):
            await asyncio.sleep(0.05)


async def test_what_instances_print_is_kept_masked_and_named(engine: MemoryEngine, release: Release) -> None:
    first, second = start(engine, release, 1), start(engine, release, 2)
    async with running(engine):
        engine.print(first, "the token is hunter2!", "\x1b[2Jred \x1b[31mred\x1b[0m")
        engine.print(second, "ready")
        await asyncio.sleep(0.3)
    found = await console(release)
    assert ("#1 web-1", "the token is ••••••") in found
    assert ("#1 web-1", "red \x1b[31mred\x1b[0m") in found
    assert ("#1 web-2", "ready") in found


async def test_an_agent_that_is_replaced_repeats_and_loses_nothing(engine: MemoryEngine, release: Release) -> None:
    name = start(engine, release)
    printed = 0
    for _ in range(4):
        engine.print(name, *(f"line {number}" for number in range(printed, printed + 50)))
        printed += 50
        async with running(engine):
            engine.print(name, *(f"line {number}" for number in range(printed, printed + 50)))
            printed += 50
            await asyncio.sleep(0.2)
    texts = [text for source, text in await console(release) if source == "#1 web-1"]
    assert texts == [f"line {number}" for number in range(printed)]


async def test_a_removed_instance_keeps_its_lines_and_the_next_release_goes_on(
    engine: MemoryEngine, release: Release
) -> None:
    name = start(engine, release)
    async with running(engine):
        engine.print(name, "old")
        await asyncio.sleep(0.2)
        engine.stop(name, 1)
        engine.remove(name)
        next_release = await database_sync_to_async(make_release, thread_sensitive=False)(release.service, "retired")
        engine.print(start(engine, next_release), "new")
        await asyncio.sleep(1.5)
    found = await console(release)
    assert [line for line in found if line[0] != PLATFORM] == [("#1 web-1", "old"), ("#2 web-1", "new")]
    assert (PLATFORM, "#1 web-1 was stopped.") in found
    assert (PLATFORM, "#2 web-1 started.") in found


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
        async with asyncio.timeout(STORE_WAIT / 2):
            while await out(release, name, engine) < ended * 1_000_000_000:
                await asyncio.sleep(0.05)
        assert ("#1 web-1", "line 999") in await console(release)
        known = await out(release, name, engine)
        await asyncio.sleep(0.2)
        assert await out(release, name, engine) == known  # once is enough
        engine.restart(name)
        engine.crash(name, 1)
        async with asyncio.timeout(STORE_WAIT / 2):
            while await out(release, name, engine) == known:
                await asyncio.sleep(0.05)


async def out(release: Release, name: str, engine: MemoryEngine) -> int:
    def ask() -> int:
        return out_at(LogStream.objects.get(service_id=release.service_id).cursor, engine.inspect(name).id)

    return await database_sync_to_async(ask, thread_sensitive=False)()


async def test_a_crash_and_the_start_after_it_are_told_once(engine: MemoryEngine, release: Release) -> None:
    name = start(engine, release)
    async with running(engine):
        await asyncio.sleep(0.1)
        engine.print(name, "last words")
        engine.crash(name, 3)
        engine.restart(name)
        engine.print(name, "back again")
        await asyncio.sleep(1)
    async with running(engine):
        await asyncio.sleep(0.3)
    told = await console(release)
    # Events and output reach the agent on two ways: between them there is no order.
    assert [line for line in told if line[0] != PLATFORM] == [("#1 web-1", "last words"), ("#1 web-1", "back again")]
    assert [text for source, text in told if source == PLATFORM][-2:] == [
        "#1 web-1 ended with exit code 3.",
        "#1 web-1 was started again.",
    ]


async def test_the_end_of_an_instance_stands_before_what_another_one_printed_later(
    engine: MemoryEngine, release: Release
) -> None:
    first, second = start(engine, release, 1), start(engine, release, 2)
    async with running(engine):
        engine.print(first, "last words")
        await asyncio.sleep(0.2)
        engine.stop(first, 1)
        await asyncio.sleep(LAST_WORDS / 2)
        engine.print(second, "later")
        await asyncio.sleep(1)
    told = [line for line in await console(release) if not line[1].endswith("started.")]
    assert told == [("#1 web-1", "last words"), (PLATFORM, "#1 web-1 was stopped."), ("#1 web-2", "later")]


async def test_what_happened_while_no_agent_was_there_is_told(engine: MemoryEngine, release: Release) -> None:
    name = start(engine, release)
    async with running(engine):
        await asyncio.sleep(0.1)
        engine.crash(name, 1)
        await asyncio.sleep(1)
    engine.restart(name)
    async with running(engine):
        await asyncio.sleep(1)
    texts = [text for source, text in await console(release) if source == PLATFORM]
    assert texts == ["#1 web-1 ended with exit code 1.", "#1 web-1 was started again."]


@pytest.mark.usefixtures("stored_soon")
async def test_an_instance_that_prints_too_much_is_cut_and_the_count_is_told(
    engine: MemoryEngine, release: Release
) -> None:
    name = start(engine, release)
    engine.print(name, *(str(number) for number in range(12_000)))
    async with running(engine):
        await until(lambda found: any("left out" in text for _, text in found), release)
        engine.print(start(engine, release, 2), "quiet neighbour")
        await asyncio.sleep(0.5)
        engine.remove(name)
        await asyncio.sleep(1)
    found = await console(release)
    kept = [text for source, text in found if source == "#1 web-1"]
    left_out = [text for source, text in found if source == PLATFORM and text.endswith("were left out.")]
    assert kept[:10_000] == [str(number) for number in range(10_000)]
    assert left_out == [f"{12_000 - len(kept):,} lines of #1 web-1 were left out."]
    assert ("#1 web-2", "quiet neighbour") in found


@pytest.mark.usefixtures("stored_soon")
async def test_a_locked_database_makes_the_reader_wait_and_loses_nothing(
    engine: MemoryEngine, release: Release
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite has one lock for all writers.")
    name = start(engine, release)
    agent = Agent(engine.observer())
    work = asyncio.create_task(agent.run())
    await asyncio.sleep(0.3)
    lock = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN IMMEDIATE")
    engine.print(name, *(f"{number} {'x' * 1_000}" for number in range(6_000)))
    log = agent._consoles[release.service_id]
    async with asyncio.timeout(10):
        while not log.is_behind:
            await asyncio.sleep(0.01)
    engine.print(name, *(f"{number} {'x' * 1_000}" for number in range(6_000, 7_000)))
    await asyncio.sleep(0.3)
    assert len(log._flusher._for_store.lane) <= 6_001  # what was printed then is still with the engine
    lock.execute("COMMIT")
    lock.close()
    await until(lambda found: bool(found) and found[-1][1].startswith("6999 "), release)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
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
