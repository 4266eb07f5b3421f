"""Many clicks on one service, and many workers on many regions."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from kintohub.accounts.models import Plan
from releases import actions, queue
from releases.models import Release, Status, Trigger
from services.models import BuildSettings, Region, Service
from tests.factories import make_environment, make_region, make_service, make_settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(660)]

CLICKS, WORKERS, REGIONS, RELEASES = 50, 8, 20, 1000
ROUNDS = 1000  # of one worker through the regions that have something left: many find a region's slot taken
HANG = 600.0  # seconds; the slowest of these tests takes ten on an idle machine


def together(count: int, work: Callable[[int], None]) -> None:
    barrier = threading.Barrier(count)

    def one(number: int) -> None:
        barrier.wait(timeout=HANG)
        try:
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(one, range(count), timeout=HANG))


def test_counting_without_the_lock_would_give_a_number_twice() -> None:
    service = make_service()
    numbers: list[int] = []
    together(WORKERS, lambda _: numbers.append(Service.objects.get(pk=service.pk).last_release_number + 1))
    assert len(set(numbers)) < len(numbers)


def test_fifty_clicks_at_once_leave_one_release_that_waits() -> None:
    service = make_service()
    together(CLICKS, lambda _: actions.trigger_deploy(None, service, uuid4()) and None)
    assert Release.objects.count() == CLICKS
    assert sorted(Release.objects.values_list("number", flat=True)) == list(range(1, CLICKS + 1))
    waiting = Release.objects.get(status=Status.QUEUED)
    assert waiting.number == CLICKS
    superseded = Release.objects.filter(status=Status.SUPERSEDED)
    assert superseded.count() == CLICKS - 1
    assert all(release.superseded_by is not None for release in superseded)


def test_the_same_click_fifty_times_is_one_release() -> None:
    service, click = make_service(), uuid4()
    together(CLICKS, lambda _: actions.trigger_deploy(None, service, click) and None)
    assert Release.objects.count() == 1


def test_eight_workers_take_a_thousand_releases_by_the_rule_each_once() -> None:
    regions = [make_region(slots=1) for _ in range(REGIONS)]
    fill(regions)
    expected = {region.pk: list(Release.objects.waiting(region).values_list("pk", flat=True)) for region in regions}
    taken: dict[int, list[int]] = defaultdict(list)

    def work(number: int) -> None:
        mine = Random(number)
        left = mine.sample(regions, REGIONS)
        for _ in range(ROUNDS):
            left = [region for region in left if len(taken[region.pk]) < RELEASES // REGIONS]
            for region in left:
                release = queue.claim(region, f"worker-{number}")
                if release is not None:
                    taken[region.pk].append(release.pk)
                    assert Release.objects.in_work().filter(region=region).count() == 1
                    release.transition(Status.DEPLOYING, Status.LIVE)

    together(WORKERS, work)
    assert dict(taken) == expected
    assert [queue.claim(region, "late") for region in regions] == [None] * REGIONS
    assert Release.objects.live().count() == RELEASES


def fill(regions: list[Region]) -> None:
    """Fifty services a region, each with a release that has waited for a while, of both plans."""
    now, chance = timezone.now(), Random(7)
    settings = make_settings()
    services = []
    for region in regions:
        environment = make_environment(region=region)
        services += [
            Service(
                environment=environment,
                name=f"web{number}",
                host=f"web{number}-{environment.code}.localhost",
                repository_url=settings.repository_url,
                branch="main",
            )
            for number in range(RELEASES // REGIONS)
        ]
    Service.objects.bulk_create(services)
    BuildSettings.objects.bulk_create(BuildSettings(service=service, language="python") for service in services)
    Release.objects.bulk_create(
        Release(
            service=service,
            region=service.environment.region,
            number=1,
            trigger=Trigger.TRIGGER,
            plan_rank=chance.choice(list(Plan)).rank,
            queued_at=now - timedelta(minutes=chance.uniform(0, 8)),
            frozen=settings.as_json(),
        )
        for service in services
    )
