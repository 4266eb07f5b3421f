"""A service's Overview."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from releases.models import Status
from services.models import Service
from services.settings import Variable
from tests.factories import Cast, make_instance, make_release, make_service


def page_of(client: Client, service: Service) -> str:
    return client.get(address(service)).content.decode()


def address(service: Service) -> str:
    return reverse("service", args=[service.environment.code, service.name])


def test_before_anything_is_live(cast: Cast, owner_client: Client) -> None:
    page = page_of(owner_client, make_service(cast.environment, "web"))
    assert "Nothing is live yet" in page
    assert "Never deployed" in page


def test_what_serves_now(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment, "web", instances=2, memory_mb=1536, port=5000)
    live = make_release(service, Status.LIVE, requested_by=cast.developer)
    instance = make_instance(live)
    removed = make_instance(live, 2, removed_at=timezone.now())
    page = page_of(owner_client, service)
    assert live.short_sha in page
    assert "http://web:5000" in page
    assert "2, each 1.5 GB" in page
    assert f"{instance.address}:5000" in page
    assert removed.name not in page
    assert "Running since" in page and "Serving" not in page


def test_the_settings_shown_are_those_that_serve(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment, start_command="./first")
    make_release(service, Status.LIVE)
    service.build.start_command = "./second"
    service.build.save()
    page = page_of(owner_client, service)
    assert "./first" in page and "./second" not in page


def test_a_failed_release_says_why_and_what_still_serves(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    make_release(service, Status.LIVE)
    failed = make_release(service, Status.FAILED, reason="No <space> left.")
    page = page_of(owner_client, service)
    assert "No &lt;space&gt; left." in page
    assert "Release #1 still serves" in page
    assert reverse("release", args=[cast.environment.code, service.name, failed.number]) in page


def test_a_failure_that_was_repaired_is_history(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    make_release(service, Status.FAILED)
    make_release(service, Status.LIVE)
    assert "failed" not in page_of(owner_client, service).split('id="overview"')[1]


def test_a_release_in_work_is_announced(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    make_release(service, Status.LIVE)
    make_release(service, Status.DEPLOYING)
    page = page_of(owner_client, service)
    assert "Release #2 is deploying." in page
    assert "Release #1 keeps serving" in page


def test_variables_by_name_never_by_value(cast: Cast, owner_client: Client) -> None:
    variables = [Variable("TOKEN", "hidden-value"), Variable("DEBUG", "open-value", is_secret=False)]
    page = page_of(owner_client, make_service(cast.environment, variables=variables))
    assert "TOKEN" in page and "DEBUG" in page
    assert "-value" not in page


def test_the_part_refreshes_itself(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    part = owner_client.get(address(service), headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="overview"')


def test_viewers_see_it_without_the_button(cast: Cast, viewer_client: Client, developer_client: Client) -> None:
    service = make_service(cast.environment)
    assert "Trigger Deploy" not in page_of(viewer_client, service)
    assert "Trigger Deploy" in page_of(developer_client, service)


def test_strangers_see_nothing(cast: Cast, stranger_client: Client, anonymous_client: Client) -> None:
    service = make_service(cast.environment)
    assert stranger_client.get(address(service)).status_code == 404
    assert anonymous_client.get(address(service)).status_code == 302


def test_the_number_of_queries_is_bounded(
    cast: Cast, owner_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    service = make_service(cast.environment, variables=[Variable(f"KEY{number}", "x") for number in range(30)])
    live = make_release(service, Status.LIVE)
    for index in range(1, 11):
        make_instance(live, index)
    with django_assert_max_num_queries(18):
        page_of(owner_client, service)
