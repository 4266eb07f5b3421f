"""Estimates from the service's own past; nothing is made up where there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from releases import estimate
from releases.models import Artifact, Release, Stage, StageRun, StageStatus, Status
from services.models import Gate, Region, Service
from tests.factories import make_environment, make_region, make_release, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


@pytest.fixture
def region() -> Region:
    return make_region(slots=1)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def past(service: Service, *lengths: float, status: Status = Status.RETIRED, built: bool = True) -> None:
    """Releases that took so many seconds, the oldest first."""
    for length in lengths:
        started = timezone.now() - timedelta(hours=1)
        ended = started + seconds(length)
        live = ended if status == Status.RETIRED else None
        release = make_release(service, status, started_at=started, finished_at=ended, live_at=live)
        state = StageStatus.DONE if built else StageStatus.REUSED
        StageRun.objects.create(release=release, stage=Stage.BUILD, status=state, started_at=started)


def known_service(region: Region, *lengths: float) -> Service:
    service = make_service(make_environment(region=region))
    past(service, *lengths)
    return service


def queued(service: Service, waited: float = 60, **fields: object) -> Release:
    return make_release(service, Status.QUEUED, queued_at=timezone.now() - seconds(waited), **fields)


def in_work(service: Service, since: float) -> Release:
    return make_release(service, Status.DEPLOYING, started_at=timezone.now() - seconds(since))


def artifact(service: Service, **fields: object) -> Artifact:
    return Artifact.objects.create(service=service, name=f"a{service.pk}", digest="d", size=1, **fields)


def test_the_median_of_the_last_five_that_went_live(region: Region) -> None:
    service = known_service(region, 900, 10, 20, 30, 40, 50)
    past(service, 1, 1, 1, 1, 1, 1, status=Status.FAILED)
    assert estimate.expected(queued(service)) == seconds(30)


def test_releases_with_and_without_a_build_are_told_apart(region: Region) -> None:
    service = known_service(region, 100)
    past(service, 4, 4, 4, built=False)
    assert estimate.expected(queued(service)) == seconds(100)
    stored = artifact(service)
    assert estimate.expected(queued(service, artifact=stored)) == seconds(4)
    Artifact.objects.update(pruned_at=timezone.now())
    assert estimate.expected(queued(service, artifact=stored)) == seconds(100)


def test_a_first_release_has_no_estimate(region: Region) -> None:
    release = in_work(make_service(make_environment(region=region)), 5)
    assert estimate.expected(release) is None
    assert estimate.estimate(release) is None


def test_what_is_left_of_a_running_release_never_falls_below_zero(region: Region) -> None:
    assert estimate.estimate(in_work(known_service(region, 100), 30)) == seconds(70)
    assert estimate.estimate(in_work(known_service(region, 100), 300)) == seconds(0)


def test_a_running_release_that_reuses_its_build_is_estimated_as_such(region: Region) -> None:
    service = known_service(region, 100)
    past(service, 10, built=False)
    release = in_work(service, 2)
    Release.objects.filter(pk=release.pk).update(artifact=artifact(service))
    StageRun.objects.create(release=release, stage=Stage.BUILD, status=StageStatus.REUSED, started_at=timezone.now())
    release.refresh_from_db()
    assert estimate.estimate(release) == seconds(8)


def test_a_release_that_is_over_has_no_estimate(region: Region) -> None:
    assert estimate.estimate(make_release(known_service(region, 5), Status.FAILED)) is None


def test_a_free_slot_means_now(region: Region) -> None:
    assert estimate.estimate(queued(make_service(make_environment(region=region)))) == seconds(0)


def test_the_wait_is_what_runs_and_what_is_ahead(region: Region) -> None:
    in_work(known_service(region, 100), 40)
    queued(known_service(region, 30), waited=90)
    assert estimate.estimate(queued(known_service(region, 1), waited=80)) == seconds(90)


def test_the_slots_share_what_is_ahead(region: Region) -> None:
    Region.objects.update(slots=2)
    in_work(known_service(region, 100), 40)
    in_work(known_service(region, 100), 90)
    queued(known_service(region, 30), waited=90)  # from second 10 to 40
    assert estimate.estimate(queued(known_service(region, 1), waited=80)) == seconds(40)


def test_fewer_slots_than_run_now_are_free_later(region: Region) -> None:
    for since in (90, 80, 50):
        in_work(known_service(region, 100), since)
    assert estimate.estimate(queued(known_service(region, 1))) == seconds(50)


def test_releases_of_one_service_go_one_after_the_other_and_others_pass(region: Region) -> None:
    Region.objects.update(slots=2)
    service = known_service(region, 100)
    in_work(service, 40)
    second = queued(service, waited=90)
    other = queued(known_service(region, 10), waited=80)
    assert estimate.estimate(second) == seconds(60)
    assert estimate.estimate(other) == seconds(0)


def test_something_unknown_ahead_makes_the_wait_unknown(region: Region) -> None:
    queued(make_service(make_environment(region=region)), waited=90)
    assert estimate.estimate(queued(known_service(region, 1), waited=80)) is None


def test_something_unknown_running_makes_the_wait_unknown(region: Region) -> None:
    in_work(make_service(make_environment(region=region)), 5)
    assert estimate.estimate(queued(known_service(region, 1))) is None


def test_nobody_knows_when_a_frozen_region_opens(region: Region) -> None:
    release = queued(known_service(region, 1))
    Region.objects.update(gate=Gate.FROZEN)
    assert estimate.estimate(release) is None


def test_a_long_queue_costs_no_more_questions(
    region: Region, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for waited in range(30, 10, -1):
        queued(known_service(region, 10), waited=waited)
    last = queued(known_service(region, 10), waited=5)
    with django_assert_max_num_queries(5):
        assert estimate.estimate(last) == seconds(200)
