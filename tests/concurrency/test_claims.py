"""Many workers on one queue: the race is shown without the lock, then claims hold with it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from releases import queue
from releases.models import Release, Status
from releases.models.release import WrongStatus
from services.models import Region
from tests.factories import make_environment, make_region, make_release, make_service

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 8


def fill(region: Region, count: int) -> None:
    environment = make_environment(region=region)
    for _ in range(count):
        make_release(make_service(environment), Status.QUEUED)


def together(work: Callable[[int], None]) -> None:
    """Run `work(0..7)` in threads that begin at the same moment."""
    barrier = threading.Barrier(WORKERS)

    def one(number: int) -> None:
        barrier.wait(timeout=10)
        try:
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, range(WORKERS), timeout=60))


def test_looking_first_and_taking_later_would_take_a_release_twice() -> None:
    region = make_region(slots=50)
    fill(region, 1)
    seen: list[int] = []

    def look_then_take(_: int) -> None:
        release = Release.objects.claimable(region).first()
        if release is not None:
            seen.append(release.pk)

    together(look_then_take)
    assert Counter(seen).most_common(1)[0][1] == WORKERS


def test_workers_never_take_a_release_twice_and_never_exceed_the_slots() -> None:
    region = make_region(slots=3)
    fill(region, 12)
    taken: list[int] = []
    most = []

    def work(number: int) -> None:
        for _ in range(20):
            release = queue.claim(region, f"worker-{number}")
            if release is None:
                continue
            taken.append(release.pk)
            most.append(Release.objects.in_work().filter(region=region).count())
            release.transition(Status.DEPLOYING, Status.LIVE)

    together(work)
    assert len(taken) == len(set(taken))
    assert max(most) <= 3
    assert Release.objects.live().count() == len(taken)


def test_an_abort_and_the_switch_cannot_both_win() -> None:
    release = make_release(status=Status.DEPLOYING)
    won: list[Status] = []

    def race(number: int) -> None:
        to = Status.LIVE if number % 2 else Status.ABORTING
        mine = Release.objects.get(pk=release.pk)
        try:
            with transaction.atomic():
                mine.transition(Status.DEPLOYING, to)
        except WrongStatus:  # a loser
            return
        won.append(to)

    together(race)
    release.refresh_from_db()
    assert won == [release.status]
