"""Who is deployed next, and why the others wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kintohub.accounts.models import Plan
from releases import queue
from releases.models import Release, Status
from releases.models.release import AGEING
from services.models import Region
from tests.factories import make_environment, make_region, make_release, make_service

pytestmark = pytest.mark.django_db

PAID, FREE = Plan.PAY_AS_YOU_GO.rank, Plan.FREE.rank


@pytest.fixture
def region() -> Region:
    return make_region(slots=2)


def queued(region: Region, waited: timedelta, rank: int = FREE) -> Release:
    service = make_service(make_environment(region=region))
    return make_release(service, Status.QUEUED, queued_at=timezone.now() - waited, plan_rank=rank)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_the_oldest_is_claimed_first(region: Region) -> None:
    young, old = queued(region, minutes(1)), queued(region, minutes(2))
    assert queue.claim(region, "w") == old
    assert queue.claim(region, "w") == young


def test_pay_as_you_go_goes_before_free(region: Region) -> None:
    queued(region, minutes(5), FREE)
    paid = queued(region, minutes(1), PAID)
    assert queue.claim(region, "w") == paid


def test_a_free_release_that_waited_long_enough_ranks_like_a_paid_one(region: Region) -> None:
    aged = queued(region, AGEING + minutes(1), FREE)
    queued(region, AGEING - minutes(1), PAID)
    assert queue.claim(region, "w") == aged


def test_the_slots_of_the_region_are_never_exceeded(region: Region) -> None:
    for _ in range(3):
        queued(region, minutes(1))
    assert [bool(queue.claim(region, "w")) for _ in range(3)] == [True, True, False]


def test_another_regions_work_does_not_count(region: Region) -> None:
    other = make_region(slots=1)
    queued(other, minutes(1))
    assert queue.claim(other, "w") is not None
    queued(region, minutes(1))
    assert queue.claim(region, "w") is not None


def test_a_service_is_never_deployed_twice_at_the_same_time(region: Region) -> None:
    first = queued(region, minutes(3))
    second = make_release(first.service, Status.QUEUED, queued_at=timezone.now() - minutes(2))
    other = queued(region, minutes(1))
    assert queue.claim(region, "w") == first
    assert queue.claim(region, "w") == other
    first.transition(Status.DEPLOYING, Status.LIVE)
    assert queue.claim(region, "w") == second


def test_a_claim_is_a_lease_of_its_worker(region: Region) -> None:
    queued(region, minutes(1))
    claimed = queue.claim(region, "worker-7")
    assert claimed is not None
    claimed.refresh_from_db()
    assert (claimed.status, claimed.worker) == (Status.DEPLOYING, "worker-7")
    assert claimed.heartbeat_at is not None and claimed.started_at == claimed.heartbeat_at


def test_an_empty_queue_gives_nothing(region: Region) -> None:
    assert queue.claim(region, "w") is None


def test_the_position_counts_from_one(region: Region) -> None:
    second, first = queued(region, minutes(1)), queued(region, minutes(2))
    assert (queue.position(first), queue.position(second)) == (1, 2)
    queue.claim(region, "w")
    assert (queue.position(first), queue.position(second)) == (0, 1)


def test_it_says_why_a_release_waits(region: Region) -> None:
    first = queued(region, minutes(4))
    assert queue.waits_for(first) == "It starts within seconds."
    queue.claim(region, "w")
    own = make_release(first.service, Status.QUEUED)
    assert f"Release #{first.number} of this service is being deployed" in queue.waits_for(own)
    queued(region, minutes(3))
    queue.claim(region, "w")
    last = queued(region, minutes(1))
    assert queue.waits_for(last) == f"All 2 deploy slots of {region} are busy; 1 release waits ahead."
