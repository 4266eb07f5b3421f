"""Following a log: every line once and in order, through joins in the middle, a Redis that dies, and a new producer."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async

from releases.logs import follow, store
from releases.logs.follow import Follower, Lost, Over, Sent, log_of_release
from releases.logs.hub import FEED_CHARS, Feed, hub
from releases.logs.lines import BUILD, Block, Line
from releases.logs.window import Closed, Lines, Progress
from releases.logs.writer import ReleaseLog
from releases.models import Release, Status
from tests.logs.windows import Left
from tests.servers import RedisServer
from tests.waiting import LIMIT, assert_becomes

pytestmark = [pytest.mark.django_db(transaction=True)]


def in_database(function: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """The function in a thread of its own, whose connection is closed afterwards."""
    return database_sync_to_async(function, thread_sensitive=False)


@in_database
def change(release: Release, **fields: Any) -> None:
    Release.objects.filter(pk=release.pk).update(**fields)


class Viewer:
    """Checks each line as it arrives; `lines` counts them."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.last = 0
        self.lost: list[Lost] = []
        self.over = False

    async def watch(self, stop: Callable[[], bool] = lambda: False) -> None:
        follower = Follower(hub(), log_of_release(self.release.pk), self.last)
        async with asyncio.timeout(LIMIT), contextlib.aclosing(follower.news()) as news:
            async for item in news:
                if isinstance(item, Sent):
                    assert item.first == self.last + 1, "a line is missing or repeated"
                    self.last = item.last
                if isinstance(item, Lost):
                    self.lost.append(item)
                    self.last = item.last
                self.over = isinstance(item, Over)
                if stop():
                    return

    async def reaches(self, last: int) -> None:
        """While a task watches."""
        await asyncio.to_thread(assert_becomes, lambda: self.last, last)


def produce(release: Release, count: int, pause: float = 0.001, every: int = 1) -> None:
    with ReleaseLog(release.log, []) as log:
        for number in range(count):
            log.feed(BUILD, b"%d\n" % number, 1.0)
            if number % every == 0:
                time.sleep(pause)
    Release.objects.filter(pk=release.pk).update(status=Status.LIVE)


in_thread = in_database(produce)


async def test_without_redis_the_database_is_enough(release: Release, without_redis: None) -> None:
    viewer = Viewer(release)
    await asyncio.gather(in_thread(release, 1_500), viewer.watch())
    assert viewer.last == 1_500
    assert viewer.over


async def test_a_finished_log_is_read_from_any_line(release: Release, without_redis: None) -> None:
    await in_thread(release, 1_200, 0)
    viewer = Viewer(release)
    viewer.last = 777
    await viewer.watch()
    assert viewer.last == 1_200


async def test_a_release_that_never_started_is_over_at_once(release: Release, without_redis: None) -> None:
    await change(release, status=Status.SUPERSEDED, started_at=None)
    viewer = Viewer(release)
    await viewer.watch()
    assert viewer.over


async def test_lines_that_are_lost_for_good_are_named(
    release: Release, without_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "HOLE_SECONDS", 0.5)  # the product's ten seconds, shortened
    for first in (1, 21):
        block = Block.of(first, [Line(1, BUILD, "x")] * 10)
        await in_database(store.append)(release.log.pk, block)
    await in_database(store.close)(release.log.pk)
    await change(release, status=Status.FAILED)
    viewer = Viewer(release)
    await viewer.watch()
    assert viewer.lost == [Lost(11, 20)]
    assert viewer.last == 30


@pytest.fixture
def held_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """No line is stored until it is set."""
    let_go, append = threading.Event(), store.append

    def wait(stream_id: int, block: Block) -> None:
        let_go.wait()
        append(stream_id, block)

    monkeypatch.setattr(store, "append", wait)
    yield let_go
    let_go.set()


@pytest.mark.redis
class TestWithRedis:
    async def test_many_viewers_joining_at_any_time(self, release: Release, with_redis: str) -> None:
        viewers = [Viewer(release) for _ in range(10)]

        async def join(viewer: Viewer, after: float) -> None:
            await asyncio.sleep(after)
            await viewer.watch()

        joins = [join(viewer, index * 0.2) for index, viewer in enumerate(viewers)]
        await asyncio.gather(in_thread(release, 2_000), *joins)
        assert [viewer.last for viewer in viewers] == [2_000] * 10

    async def joined(self, release: Release) -> list[str]:
        """The progress that a viewer who joins now is sent after the first lines, until nothing more comes."""
        shown, patience = list[str](), LIMIT
        async with contextlib.aclosing(Follower(hub(), log_of_release(release.pk), 0).news()) as news:
            with contextlib.suppress(TimeoutError):
                while not isinstance(item := await asyncio.wait_for(anext(news), patience), Over):
                    shown += [item.text] if isinstance(item, Progress) else []
                    patience = 0.5
        return shown

    async def assert_shows(self, release: Release, *expected: str) -> None:
        deadline = time.monotonic() + LIMIT
        while (shown := await self.joined(release)) != list(expected):
            assert time.monotonic() < deadline, f"{shown} did not become {expected}"

    async def test_who_joins_between_two_redraws_gets_what_is_being_redrawn(
        self, release: Release, with_redis: str
    ) -> None:
        log = await in_database(ReleaseLog)(release.log, ["hunter2!"])
        log.feed(BUILD, b"start\n10 %\r", 1.0)
        await self.assert_shows(release, "10 %")
        log.feed("web-1", b"warming hunter2!\r", 1.0)
        await self.assert_shows(release, "10 %", "warming ••••••")
        log.feed(BUILD, b"55 %\r", 1.0)
        log.say("another source")
        await self.assert_shows(release, "warming ••••••", "55 %")  # the newest comes last
        log.feed(BUILD, b"done\n", 1.0)
        await self.assert_shows(release, "warming ••••••")
        log.feed(BUILD, b"55 %\r", 1.0)  # as the one before, which is over: it is shown again
        await self.assert_shows(release, "warming ••••••", "55 %")
        await in_database(log.close)()
        await change(release, status=Status.LIVE)
        await self.assert_shows(release)

    async def test_what_a_killed_producer_was_redrawing_goes_with_the_next_one(
        self, release: Release, with_redis: str
    ) -> None:
        killed = Left(release.log.pk)
        killed.lines(Block.of(1, [Line(1, BUILD, "a")]))
        killed.progress(1, BUILD, "10 %")
        await self.assert_shows(release, "10 %")
        log = await in_database(ReleaseLog)(release.log, [])
        log.say("The worker was restarted.")
        await self.assert_shows(release)
        await in_database(log.close)()

    async def test_a_viewer_waits_neither_for_the_store_nor_for_a_look_at_it(
        self, release: Release, with_redis: str, held_store: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(follow, "LOOK", 2 * LIMIT)
        viewer = Viewer(release)
        watching = asyncio.create_task(viewer.watch())
        log = await in_database(ReleaseLog)(release.log, [])
        for last in range(1, 11):
            log.feed(BUILD, b"line\n", 1.0)
            await viewer.reaches(last)
        held_store.set()
        await change(release, status=Status.LIVE)  # before the end, at which the viewer looks
        await in_database(log.close)()
        await watching
        assert (viewer.last, viewer.over) == (10, True)

    async def test_reconnecting_again_and_again(self, release: Release, with_redis: str) -> None:
        viewer = Viewer(release)
        producer = asyncio.create_task(in_thread(release, 3_000))
        cuts = 0
        while not viewer.over:
            await viewer.watch(stop=lambda leave_at=viewer.last + 250: viewer.last >= leave_at)  # type: ignore[misc]
            cuts += 1
        await producer
        assert viewer.last == 3_000
        assert cuts >= 5

    async def test_redis_dies_and_comes_back_empty(
        self, release: Release, with_redis: str, redis_server: RedisServer
    ) -> None:
        viewer, late = Viewer(release), Viewer(release)

        async def disturb() -> None:
            await asyncio.sleep(0.7)
            await asyncio.to_thread(redis_server.stop)
            await asyncio.sleep(0.7)
            await asyncio.to_thread(redis_server.start)
            await late.watch()

        await asyncio.gather(in_thread(release, 3_000), viewer.watch(), disturb())
        assert (viewer.last, late.last) == (3_000, 3_000)
        assert not viewer.lost

    async def test_a_producer_that_is_killed_and_replaced(self, release: Release, with_redis: str) -> None:
        left = Left(release.log.pk)  # two entries in the window, one of them stored
        store_first = in_database(store.append)
        await store_first(release.log.pk, Block.of(1, [Line(1, BUILD, "a")] * 10))
        left.lines(Block.of(1, [Line(1, BUILD, "a")] * 10))
        left.lines(Block.of(11, [Line(1, BUILD, "b")] * 10))
        viewer = Viewer(release)
        watching = asyncio.create_task(viewer.watch())
        await viewer.reaches(20)
        await in_thread(release, 500)
        await watching
        assert viewer.last == 520

    async def test_a_viewer_too_slow_for_its_queue_reads_the_database(self, release: Release, with_redis: str) -> None:
        viewer = Viewer(release)
        producer = asyncio.create_task(in_database(self.shout)(release))
        async with contextlib.aclosing(Follower(hub(), log_of_release(release.pk), 0).news()) as news:
            async for item in news:
                if isinstance(item, Sent):
                    assert item.first == viewer.last + 1
                    viewer.last = item.last
                    if viewer.last < 200:
                        await asyncio.sleep(1.5)
        await producer
        assert viewer.last == 6_000

    def shout(self, release: Release) -> None:
        with ReleaseLog(release.log, []) as log:
            for _ in range(6_000):
                log.feed(BUILD, b"x" * 1_000 + b"\n", 1.0)
                time.sleep(0.0002)
        Release.objects.filter(pk=release.pk).update(status=Status.LIVE)

    @pytest.mark.parametrize("steps", range(6))
    async def test_who_leaves_right_after_a_line_is_not_kept(
        self, release: Release, with_redis: str, monkeypatch: pytest.MonkeyPatch, steps: int
    ) -> None:
        """The next read has just begun, and may swallow that it is cancelled."""
        monkeypatch.setattr("releases.logs.hub.BLOCK_MS", round(2_000 * LIMIT))

        async def visit() -> None:
            async with hub().watch(release.log.pk) as feed:
                Left(release.log.pk).lines(Block.of(1, [Line(1, BUILD, "a")]))
                assert await feed.take(LIMIT)
                for _ in range(steps):
                    await asyncio.sleep(0)

        visiting = asyncio.create_task(visit())
        assert await asyncio.wait({visiting}, timeout=LIMIT) == ({visiting}, set())
        visiting.result()

    async def test_who_comes_while_the_last_one_leaves_is_served(self, release: Release, with_redis: str) -> None:
        left = Left(release.log.pk)
        for number in range(1, 9):
            async with hub().watch(release.log.pk):
                await asyncio.sleep(0)
            async with hub().watch(release.log.pk) as feed:
                left.lines(Block.of(number, [Line(1, BUILD, "a")]))
                assert await feed.take(LIMIT)

    async def test_the_hub_rests_when_nobody_watches(self, release: Release, with_redis: str) -> None:
        async with hub().watch(release.log.pk):
            assert hub()._reader is not None
        assert hub()._reader is None
        assert not hub()._cursors


def test_a_feed_is_bounded() -> None:
    async def fill() -> tuple[int, bool]:
        feed = Feed()
        body = "1\tbuild\t" + "x" * 60_000
        for number in range(1, 100):
            feed.put(Lines(f"{number}-0", Block(number, 1, body)))
        feed.put(Closed("99-1"))
        return sum(entry.size for entry in await feed.take(1)), feed.overflowed

    size, overflowed = asyncio.run(fill())
    assert size <= FEED_CHARS
    assert overflowed
