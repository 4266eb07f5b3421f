"""The metrics of a service's Overview."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from releases.metrics.history import HOUR
from releases.metrics.spans import floor
from releases.models import InstanceUsage, Measurement, Release, Status
from releases.views.charts import charts_of
from services.models import Service
from tests.factories import Cast, make_instance, make_release, make_service

HX = {"HX-Request": "true"}


def measure(service: Service, ago: float, width: int = 10, **fields: Any) -> Measurement:
    """A span that began so many seconds ago."""
    at = floor(timezone.now() - timedelta(seconds=ago), width)
    made = {"cpu": 0.25, "memory_mb": 100, "memory_limit_mb": 256, "looks": width // 10}
    visits = {"requests": 10, "errors": 1, "seconds": 0.012}
    return Measurement.objects.create(service=service, width=width, at=at, **{**made, **visits, **fields})


def address(service: Service, name: str = "service_charts") -> str:
    return reverse(name, args=[service.environment.code, service.name])


def text_of(client: Client, url: str, **headers: str) -> str:
    page = client.get(url, headers={"HX-Request": "true"} if headers else None).content.decode()
    return " ".join(re.sub(r"<[^>]+>|&nbsp;", " ", page).split())


def test_before_the_first_figures_it_says_when_they_come(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    page = text_of(owner_client, address(service, "service"))
    assert "No figures of the last 1 hour" in page
    assert "The first figures come about 20 seconds after a start." in page


def test_figures_of_now_and_the_highest(cast: Cast, viewer_client: Client) -> None:
    service = make_service(cast.environment)
    measure(service, 40, cpu=1.5, memory_mb=200, requests=20, errors=4, seconds=1.25)
    measure(service, 12)
    page = text_of(viewer_client, address(service, "service"))
    assert "Processor, cores Now 0.25 highest 1.50" in page
    assert "Memory of the fullest instance Now 100 MB highest 200 MB limit 256 MB" in page
    assert "Requests per minute Now 60 highest 120" in page
    assert "Errors per minute Now 6 highest 24" in page
    assert "Response time Now 12 ms highest 1.2 s" in page


def test_old_figures_are_not_called_now(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    measure(service, 300)
    assert "Processor, cores Now unknown highest 0.25" in text_of(owner_client, address(service, "service"))


@pytest.mark.parametrize(("name", "width"), [("1h", 10), ("24h", 60), ("7d", 900)])
def test_each_range_has_its_own_spans(cast: Cast, owner_client: Client, name: str, width: int) -> None:
    service = make_service(cast.environment)
    measure(service, width + 1, width)
    for shown in ("1h", "24h", "7d"):
        page = owner_client.get(address(service), {"range": shown}, headers=HX).content.decode()
        assert ('class="plot"' in page) == (shown == name)
        assert f'range={shown}"' in page


def test_an_unknown_range_is_the_hour(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    assert "No figures of the last 1 hour" in owner_client.get(address(service), {"range": "<x>"}, headers=HX).text


def test_releases_are_marked_and_linked(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    make_release(service, Status.RETIRED)
    make_release(service, Status.FAILED)
    Release.objects.filter(number=1).update(live_at=timezone.now() - timedelta(minutes=30))
    measure(service, 12)
    page = owner_client.get(address(service), headers=HX).content.decode()
    link = reverse("release", args=[cast.environment.code, service.name, 1])
    assert page.count(f'href="{link}"') == 5
    assert "#1</text>" in page and "#2" not in page
    marks = charts_of(service, HOUR)["marks"]
    assert [round(mark.x) for mark in marks] == [50]


def test_the_part_renews_itself_and_as_a_page_is_the_overview(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    part = owner_client.get(address(service), {"range": "24h"}, headers=HX).content.decode()
    assert part.strip().startswith('<section id="charts"')
    assert 'hx-trigger="every 60s"' in part
    page = owner_client.get(address(service), {"range": "24h"})
    assert page.headers["Location"] == address(service, "service") + "?range=24h"


def test_strangers_get_nothing(cast: Cast, stranger_client: Client, anonymous_client: Client) -> None:
    service = make_service(cast.environment)
    assert stranger_client.get(address(service), headers=HX).status_code == 404
    assert anonymous_client.get(address(service)).status_code == 302


@pytest.mark.usefixtures("stopped_clock")
def test_all_charts_are_one_query_and_the_releases_another(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    service = make_service(cast.environment)
    for ago in range(12, 200, 10):
        measure(service, ago)
    with django_assert_num_queries(2):
        charts_of(service, HOUR)


def look_at(service: Service, name: str, **fields: Any) -> None:
    now = timezone.now()
    made = {"state": "running", "started_at": now, "memory_limit_mb": 256, "measured_at": now}
    InstanceUsage.objects.create(service=service, name=name, **{**made, **fields})


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"answering": True}, "Running"),
        ({}, "Running"),
        ({"answering": False}, "Not answering"),
        ({"state": "restarting"}, "Restarting"),
        ({"state": "exited"}, "Ended"),
        ({"measured_at": timezone.now() - timedelta(hours=1)}, "Not measured yet"),
    ],
)
def test_how_an_instance_is(cast: Cast, owner_client: Client, fields: dict[str, Any], word: str) -> None:
    service = make_service(cast.environment)
    instance = make_instance(make_release(service))
    look_at(service, instance.name, **fields)
    page = text_of(owner_client, address(service, "service"))
    assert f"{instance.name} {instance.address}:{service.build.port} {word} " in page


def test_what_an_instance_uses_of_its_limits(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment, cpu=2.0)
    instance = make_instance(make_release(service))
    look_at(service, instance.name, cpu=0.5, memory_mb=250, restarts=3)
    page = owner_client.get(address(service, "service")).content.decode()
    assert "0.50 of 2<" in page and 'width="25%"' in page
    assert "250 of 256 MB" in page and 'width="98%"' in page and "gauge bad" in page
    assert "<td>3</td>" in page
