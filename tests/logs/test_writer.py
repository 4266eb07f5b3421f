"""The producer: what it stores, and that nothing it depends on can lose a line or hold a release up."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection

from releases.logs import carrier, reader, showing, store
from releases.logs.lines import BUILD, PLATFORM, STAGE, Block, Line
from releases.logs.to_window import WAIT
from releases.logs.window import blocks_after, key
from releases.logs.writer import ReleaseLog
from releases.models import LogChunk, LogStream, Release, Stage
from tests.logs.windows import Left
from tests.servers import RedisServer
from tests.waiting import LIMIT, assert_becomes

pytestmark = [pytest.mark.django_db(transaction=True)]


def stored(stream: LogStream) -> list[Line]:
    """All stored lines, which must be numbered 1, 2, 3, ..."""
    blocks = [store.read(chunk) for chunk in LogChunk.objects.filter(stream=stream)]
    expected = 1
    for block in blocks:
        assert block.first == expected
        expected = block.last + 1
    stream.refresh_from_db()
    assert stream.last_seq == expected - 1
    return [line for block in blocks for line in block.lines]


def texts(stream: LogStream) -> list[str]:
    return [line.text for line in stored(stream)]


def test_without_redis_everything_is_in_the_database(release: Release, without_redis: None) -> None:
    with ReleaseLog(release.log, ["hunter2!"]) as log:
        log.section(Stage.PULL)
        log.say("Fetching main with hunter2!")
        log.section(Stage.BUILD)
        log.feed(BUILD, b"one\ntwo hunter2!\nthr", 5.0)
        log.feed(BUILD, b"ee", 6.0)
        log.section(Stage.START)
    assert [(line.source, line.text) for line in stored(release.log)] == [
        (STAGE, "pull"),
        (PLATFORM, "Fetching main with ••••••"),
        (STAGE, "build"),
        (BUILD, "one"),
        (BUILD, "two ••••••"),
        (BUILD, "three"),
        (STAGE, "start"),
    ]
    assert release.log.closed_at is not None


def test_a_release_is_not_held_up_by_a_redis_that_is_down(
    release: Release, without_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed, write = threading.Event(), showing.write
    was_fed = list[bool]()

    def write_after(*arguments: Any) -> list[redis.RedisError | None]:
        was_fed.append(fed.wait(LIMIT))
        return write(*arguments)

    monkeypatch.setattr(showing, "write", write_after)
    with ReleaseLog(release.log, []) as log:
        for number in range(20_000):
            log.feed(BUILD, b"line %d\n" % number, 1.0)
        fed.set()
    assert was_fed and all(was_fed)
    assert texts(release.log) == [f"line {number}" for number in range(20_000)]


def test_lines_of_many_threads_all_arrive_in_each_ones_order(release: Release, without_redis: None) -> None:
    with ReleaseLog(release.log, []) as log:

        def talk(name: str) -> None:
            for number in range(500):
                log.feed(name, b"%d\n" % number, 1.0)

        threads = [threading.Thread(target=talk, args=(f"web-{index}",)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = stored(release.log)
    for index in range(8):
        assert [line.text for line in lines if line.source == f"web-{index}"] == [str(n) for n in range(500)]


def test_closing_writes_a_backlog_of_many_chunks(release: Release, without_redis: None) -> None:
    with ReleaseLog(release.log, []) as log:
        log.feed(BUILD, b"".join(b"%d\n" % number for number in range(10_000)), 1.0)
    assert texts(release.log) == [str(number) for number in range(10_000)]


def test_what_comes_after_the_end_is_dropped(release: Release, without_redis: None) -> None:
    log = ReleaseLog(release.log, [])
    log.say("the end")
    log.close()
    log.say("too late")
    log.feed("web-1", b"too late\n", 1.0)
    log.close()
    assert texts(release.log) == ["the end"]


def test_a_second_producer_goes_on_where_the_first_ended(release: Release, without_redis: None) -> None:
    for text in ("first", "second"):
        with ReleaseLog(release.log, []) as log:
            log.say(text)
    assert texts(release.log) == ["first", "second"]
    assert reader.tail(release.log.pk, 1)[0][0] == 2


def test_a_write_whose_answer_was_lost_is_repeated_without_harm(release: Release, without_redis: None) -> None:
    block = Block.of(1, [Line(1, BUILD, "once")])
    store.append(release.log.pk, block)
    store.append(release.log.pk, block)
    assert texts(release.log) == ["once"]


def test_a_database_that_is_locked_for_a_while_loses_nothing(release: Release, without_redis: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite has one lock for all writers.")
    log = ReleaseLog(release.log, [])
    lock = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN IMMEDIATE")
    for number in range(3_000):
        log.feed(BUILD, b"%d\n" % number, 1.0)
    time.sleep(0.5)
    lock.execute("COMMIT")
    lock.close()
    log.close()
    assert texts(release.log) == [str(number) for number in range(3_000)]


def test_the_log_of_a_deleted_release_ends_quietly(release: Release, without_redis: None) -> None:
    log = ReleaseLog(release.log, [])
    Release.objects.filter(pk=release.pk).delete()
    log.say("into the void")
    begun = time.monotonic()
    log.close()
    assert time.monotonic() - begun < 20
    assert not LogChunk.objects.exists()


@pytest.mark.redis
class TestWithRedis:
    def window(self, stream: LogStream) -> list[Line]:
        return [line for block in blocks_after(stream.pk, 0) for line in block.lines]

    def test_the_first_line_is_in_the_window_at_once(
        self, release: Release, with_redis: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(carrier, "IDLE", 2 * LIMIT)  # the line wakes its carrier
        with ReleaseLog(release.log, ["hunter2!"]) as log:
            log.say("hello hunter2!")
            assert_becomes(lambda: [line.text for line in self.window(release.log)], ["hello ••••••"])

    def test_a_locked_database_does_not_hold_back_the_live_lines(self, release: Release, with_redis: str) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("Only SQLite has one lock for all writers.")
        expected = [str(number) for number in range(20)]
        with ReleaseLog(release.log, []) as log:
            lock = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
            for text in expected:
                log.feed(BUILD, f"{text}\n".encode(), 1.0)
                time.sleep(0.02)
            deadline = time.monotonic() + 20  # less than SQLite waits for its lock
            while len(lines := self.window(release.log)) < 20 and time.monotonic() < deadline:
                time.sleep(0.01)
            lock.execute("ROLLBACK")
            lock.close()
        assert [line.text for line in lines] == expected
        assert texts(release.log) == expected

    def test_lines_are_batched(self, release: Release, with_redis: str) -> None:
        with ReleaseLog(release.log, []) as log:
            for number in range(3_000):
                log.feed(BUILD, b"%d\n" % number, 1.0)
        with redis.Redis.from_url(with_redis) as client:
            assert 6 <= client.xlen(key(release.log.pk)) <= 20
            assert 0 < client.ttl(key(release.log.pk)) <= 3_600
        assert [line.text for line in self.window(release.log)] == [str(number) for number in range(3_000)]
        assert texts(release.log) == [str(number) for number in range(3_000)]

    def test_a_progress_display_is_shown_without_becoming_a_line(self, release: Release, with_redis: str) -> None:
        with ReleaseLog(release.log, ["hunter2!"]) as log, redis.Redis.from_url(with_redis) as client:

            def shown() -> list[str]:
                return [fields[b"p"].decode() for _, fields in client.xrange(key(release.log.pk)) if b"p" in fields]

            begun = time.monotonic()
            log.feed(BUILD, b"0 % hunter2!\r", 1.0)
            assert_becomes(shown, ["0 % ••••••"])
            for percent in range(10, 100, 10):
                log.feed(BUILD, b"%d %% hunter2!\r" % percent, 1.0)
                time.sleep(0.03)
            assert_becomes(lambda: shown()[-1], "90 % ••••••")
            assert len(shown()) <= 1 + (time.monotonic() - begun) / WAIT
        assert texts(release.log) == ["90 % ••••••"]

    def test_lines_only_the_window_has_are_stored_by_the_next_producer(self, release: Release, with_redis: str) -> None:
        Left(release.log.pk).lines(Block.of(1, [Line(1, BUILD, "a"), Line(1, BUILD, "b")]))
        with ReleaseLog(release.log, []) as log:
            log.say("c")
        assert texts(release.log) == ["a", "b", "c"]

    def test_wiping_redis_in_the_middle_loses_nothing(
        self, release: Release, with_redis: str, redis_server: RedisServer
    ) -> None:
        with ReleaseLog(release.log, []) as log:
            for number in range(600):
                log.feed(BUILD, b"%d\n" % number, 1.0)
                time.sleep(0.002)
                if number == 200:
                    redis_server.stop()
                if number == 400:
                    redis_server.start()
        assert texts(release.log) == [str(number) for number in range(600)]


def test_the_whole_log_as_text(release: Release, without_redis: None, tmp_path: Path) -> None:
    with ReleaseLog(release.log, []) as log:
        log.section(Stage.BUILD)
        log.feed(BUILD, b"\x1b[32mok\x1b[0m\n", 0.0)
        log.feed("web-1", b"listening\n", 0.0)
    lines = reader.text_after(release.log.pk, 0)[0].splitlines()
    assert lines[1].endswith("== Build ==")
    assert lines[2:] == ["1970-01-01 00:00:00.000Z ok", "1970-01-01 00:00:00.000Z [web-1] listening"]


def test_the_tail_crosses_chunks(release: Release, without_redis: None, settings: Any) -> None:
    for start in (1, 4, 7):
        store.append(release.log.pk, Block.of(start, [Line(1, BUILD, str(start + index)) for index in range(3)]))
    assert [(number, line.text) for number, line in reader.tail(release.log.pk, 5)] == [
        (5, "5"), (6, "6"), (7, "7"), (8, "8"), (9, "9"),
    ]  # fmt: skip
