"""What ran in a month, by release; the part that ran beside the serving release; and who may see it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases import usage
from releases.models import Instance, Release, Status
from releases.spreadsheet import as_csv
from releases.usage import Month
from services.models import Service
from tests.conftest import LoggedIn
from tests.factories import Cast, make_environment, make_release, make_service

NOVEMBER = Month(date(2026, 11, 1))
NOON = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def at(hour: float) -> datetime:
    """Hours after noon of the tenth of November."""
    return NOON + hours(hour)


def ran(release: Release, start: float, end: float | None, index: int = 1) -> Instance:
    return Instance.objects.create(
        release=release,
        index=index,
        name=f"{release}-{index}-{start}",
        started_at=at(start),
        removed_at=None if end is None else at(end),
    )


def released(
    service: Service, status: Status = Status.RETIRED, live: float | None = None, retired: float | None = None
) -> Release:
    times = {"live_at": None if live is None else at(live), "retired_at": None if retired is None else at(retired)}
    return make_release(service, status, **times)


def amounts(service: Service, month: Month = NOVEMBER) -> dict[int, tuple[float, float]]:
    """Running and overlap in hours, by number."""
    lines = usage.lines(service.environment, month)
    return {line.number: (line.amount.running / hours(1), line.amount.overlap / hours(1)) for line in lines}


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web", memory_mb=512)


@pytest.fixture(autouse=True)
def the_clock() -> object:
    with time_machine.travel(at(24), tick=False):
        yield


def test_time_adds_up_over_instances(service: Service) -> None:
    release = released(service, live=0, retired=3)
    ran(release, 0, 3, index=1)
    ran(release, 0, 2, index=2)
    [line] = usage.lines(service.environment, NOVEMBER)
    assert line.amount.running == hours(5)
    assert line.amount.memory == 5 * 3600 * 512
    assert line.amount.gigabyte_hours == 2.5


def test_what_still_runs_counts_until_now(service: Service) -> None:
    ran(released(service, Status.LIVE, live=20), 20, None)
    assert amounts(service) == {1: (4, 0)}


def test_a_switch_shows_both_sides_as_overlap(service: Service) -> None:
    """The new one starts an hour before it is live; the old one drains half an hour after it was retired."""
    old, new = released(service, live=0, retired=10), released(service, Status.LIVE, live=10)
    ran(old, 0, 10.5)
    ran(new, 9, None)
    assert amounts(service) == {1: (10.5, 0.5), 2: (15, 1)}


def test_a_failed_release_ran_all_its_time_beside_the_live_one(service: Service) -> None:
    ran(released(service, Status.LIVE, live=0), 0, None)
    ran(released(service, Status.FAILED), 5, 7)
    assert amounts(service)[2] == (2, 2)


def test_a_first_release_that_starts_overlaps_nothing(service: Service) -> None:
    ran(released(service, Status.LIVE, live=20), 19, None)
    assert amounts(service) == {1: (5, 0)}


def test_another_service_is_no_overlap(service: Service) -> None:
    ran(released(service, Status.LIVE, live=0), 0, None)
    other = make_service(service.environment, "worker")
    ran(released(other, Status.FAILED), 1, 2)
    assert [line.amount.overlap for line in usage.lines(service.environment, NOVEMBER)] == [hours(0), hours(0)]


def test_a_suspended_release_served_until_its_instances_went(service: Service) -> None:
    ran(released(service, Status.SUSPENDED, live=0), 0, 5)
    ran(released(service, Status.FAILED), 4, 8)
    assert amounts(service)[2] == (4, 1)


def test_an_instance_that_was_started_again_does_not_count_while_it_was_gone(service: Service) -> None:
    release = released(service, Status.LIVE, live=0)
    ran(release, 0, 2)
    ran(release, 5, 6)
    assert amounts(service) == {1: (3, 0)}


def test_a_month_is_clipped_at_both_ends(service: Service) -> None:
    release = released(service, Status.LIVE, live=-24 * 20)
    ran(release, -24 * 20, None)
    october, november = amounts(service, NOVEMBER.preceding)[1][0], amounts(service)[1][0]
    assert november == 24 * 9 + 12 + 24
    assert october == 24 * 20 - (24 * 9 + 12)


def test_months_follow_each_other_over_the_year() -> None:
    december = Month(date(2026, 12, 1))
    assert str(december.following) == "2027-01"
    assert december.following.preceding == december


def test_two_queries_however_much_there_is(service: Service, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for hour in range(20):
        ran(released(service, live=hour, retired=hour + 1), hour, hour + 1)
    with django_assert_num_queries(2):
        assert len(usage.lines(service.environment, NOVEMBER)) == 20


def address(cast: Cast) -> str:
    return reverse("usage", args=[cast.environment.code])


def test_every_member_sees_the_page_and_nobody_else(
    cast: Cast, service: Service, logged_in: LoggedIn, anonymous_client: Client
) -> None:
    ran(released(service, Status.LIVE, live=0), 0, None)
    for member in cast.members:
        page = logged_in(member).get(address(cast))
        assert page.status_code == 200
        assert "web #1" in page.content.decode()
    for path in (address(cast), f"{address(cast)}?format=csv"):
        assert logged_in(cast.stranger).get(path).status_code == 404
        assert logged_in(cast.operator).get(path).status_code == 404
        assert anonymous_client.get(path).status_code == 302


def test_the_page_leads_through_the_months_that_exist(cast: Cast, service: Service, owner_client: Client) -> None:
    now = owner_client.get(address(cast)).content.decode()
    assert "November 2026" in now and "Nothing ran in November 2026" in now
    assert "month=2026-12" not in now
    type(cast.environment).objects.update(created_at=at(-24 * 60))
    assert "?month=2026-10" in owner_client.get(address(cast)).content.decode()
    assert "?month=2026-11" in owner_client.get(address(cast), {"month": "2026-10"}).content.decode()


@pytest.mark.parametrize("query", ["month=2026-13", "month=x", "month=2026-12", "month=0001-01", "format=xml"])
def test_a_month_that_cannot_be_is_not_found(cast: Cast, owner_client: Client, query: str) -> None:
    assert owner_client.get(f"{address(cast)}?{query}").status_code == 404


def test_releases_are_paged_and_totals_are_whole(cast: Cast, service: Service, owner_client: Client) -> None:
    for hour in range(60):
        ran(released(service, live=hour / 4, retired=(hour + 1) / 4), hour / 4, (hour + 1) / 4)
    page = owner_client.get(address(cast)).content.decode()
    assert page.count(">web #") == 50
    assert "15h 0m" in page
    assert owner_client.get(address(cast), {"page": "2"}).content.decode().count(">web #") == 10


def test_the_download_has_every_release_in_seconds(cast: Cast, service: Service, owner_client: Client) -> None:
    old, new = released(service, live=0, retired=10), released(service, Status.LIVE, live=10)
    ran(old, 0, 10.5)
    ran(new, 9, None)
    answer = owner_client.get(address(cast), {"month": "2026-11", "format": "csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="usage-{cast.environment.code}-2026-11.csv"' in answer["Content-Disposition"]
    head, *rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert head[:3] == ["service", "release", "status"]
    assert rows == [
        ["web", "2", "Live Version", "512", "54000.0", "27648000.0", "3600.0"],
        ["web", "1", "Deployed", "512", "37800.0", "19353600.0", "1800.0"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_is_never_a_formula_in_a_spreadsheet(text: str) -> None:
    [[cell]] = list(csv.reader(io.StringIO(as_csv(["head"], [[text]]))))[1:]
    assert cell == f"'{text}"


def test_quotes_and_numbers_survive_a_spreadsheet() -> None:
    assert list(csv.reader(io.StringIO(as_csv(["a"], [['say "hi", you', -1.5]]))))[1] == ['say "hi", you', "-1.5"]


def test_other_environments_are_not_counted(cast: Cast, service: Service) -> None:
    other = make_service(make_environment(), "other")
    ran(released(other, Status.LIVE, live=0), 0, None)
    assert amounts(service) == {}
