"""Many logs share a thread and a round trip, and none holds another up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import redis

from releases.logs import showing
from releases.logs.flusher import Carriers, Flusher
from releases.logs.lines import BUILD, Line
from releases.logs.showing import Showing, Write
from releases.logs.to_window import ToWindow, WindowLoad
from releases.logs.window import blocks_after, key
from releases.models import LogStream
from tests.factories import make_release
from tests.waiting import LIMIT, until

LOGS = 20

Threads = Callable[[], int]


def line(text: object) -> Line:
    return Line(1, BUILD, str(text))


def load(stream_id: int) -> WindowLoad:
    return WindowLoad(stream_id, 0, list, lambda: False)


class Trips:
    """Stands for the live window: the first trip takes until it is let go."""

    def __init__(self) -> None:
        self.made = list[int]()
        self.let_go = threading.Event()

    def write(self, client: object, writes: Sequence[tuple[Showing, Write]]) -> list[None]:
        self.made.append(len(writes))
        assert self.let_go.wait(LIMIT)
        return [None] * len(writes)


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Trips:
    trips = Trips()
    monkeypatch.setattr(showing, "write", trips.write)
    return trips


@pytest.fixture
def threads() -> Threads:
    """Counts the carrying threads of this test: one of the test before may end later."""
    others = set(threading.enumerate())
    return lambda: sum(each.name == "logs-to-live window" for each in set(threading.enumerate()) - others)


def test_what_many_logs_have_meanwhile_goes_in_one_trip(trips: Trips) -> None:
    carrier, loads = ToWindow(), [load(number) for number in range(LOGS)]
    for each in loads:
        carrier.take(each)
    carrier.add(loads[0], [line("first")])
    until(lambda: trips.made == [1])
    for each in loads[1:]:
        carrier.add(each, [line("more"), line("and more")])
    trips.let_go.set()
    until(lambda: len(trips.made) == 2)
    assert trips.made == [1, LOGS - 1]
    for each in loads:
        carrier.finish(each, LIMIT)
    assert all(each.in_window in (1, 2) and each.over.is_set() for each in loads)


def test_the_thread_is_there_as_long_as_logs_are(trips: Trips, threads: Threads) -> None:
    trips.let_go.set()
    carrier = ToWindow()
    for number in range(3):
        one, other = load(number), load(number)
        carrier.take(one)
        carrier.take(other)
        assert threads() == 1
        carrier.finish(one, LIMIT)
        carrier.add(other, [line("still there")])
        until(lambda: other.in_window == 1)  # noqa: B023 - waited for before the next round
        carrier.finish(other, LIMIT)
        until(lambda: threads() == 0)


def test_a_log_that_cannot_be_written_ends_and_holds_no_other_up(
    trips: Trips, threads: Threads, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier, loads = ToWindow(), [load(number) for number in range(3)]
    monkeypatch.setattr(loads[1].showing, "lines", lambda block: 1 / 0)
    for each in loads:
        carrier.take(each)
    carrier.add(loads[0], [line("first")])
    until(lambda: trips.made == [1])
    for each in loads[1:]:
        carrier.add(each, [line("more")])
    trips.let_go.set()
    until(lambda: loads[2].in_window == 1 and loads[1].over.is_set())
    assert [record.message for record in caplog.records] == ["Log stream 1 ended early in the live window."]
    for each in (loads[0], loads[2]):
        assert not each.over.is_set()
        carrier.finish(each, LIMIT)
    until(lambda: threads() == 0)


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_log_that_the_window_refuses_holds_no_other_up(with_redis: str) -> None:
    streams = [LogStream.objects.create(release=make_release(status="retired")) for _ in range(3)]
    carriers = Carriers()
    with redis.Redis.from_url(with_redis) as client:
        client.set(key(streams[1].pk), "no stream")
        flushers = [Flusher(stream.pk, carriers, 0) for stream in streams]
        for number in range(3):
            for flusher in flushers:
                flusher.add([line(number)])
            time.sleep(0.15)
        until(lambda: all(shown(stream) == ["0", "1", "2"] for stream in (streams[0], streams[2])))
        client.delete(key(streams[1].pk))
        until(lambda: shown(streams[1]) == ["0", "1", "2"])
    for flusher in flushers:
        flusher.close()
    for stream in streams:
        stream.refresh_from_db()
        assert stream.last_seq == 3 and stream.closed_at


def shown(stream: LogStream) -> list[Any]:
    try:
        return [each.text for block in blocks_after(stream.pk, 0) for each in block.lines]
    except redis.ResponseError:
        return []
