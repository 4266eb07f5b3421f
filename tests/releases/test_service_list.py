"""The home of an environment: its services and how their releases went."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from releases.models import Status
from tests.factories import Cast, make_release, make_service


def address(cast: Cast) -> str:
    return reverse("environment", args=[cast.environment.code])


def page_of(client: Client, cast: Cast, **query: str) -> str:
    return client.get(address(cast), query).content.decode()


def test_an_empty_environment_names_the_next_step(cast: Cast, owner_client: Client) -> None:
    page = page_of(owner_client, cast)
    assert "No service here yet" in page
    assert page.count(reverse("service_create", args=[cast.environment.code])) == 1


def test_a_row_tells_what_serves_and_how_the_last_deploy_went(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment, "web", branch="trunk")
    live = make_release(service, Status.LIVE)
    make_release(service, Status.FAILED, requested_by=cast.developer)
    page = page_of(owner_client, cast)
    assert live.short_sha in page
    assert "trunk" in page
    assert "developer," in page
    assert "took 1m 0s" in page
    assert service.address in page
    assert "#1 Live Version" in page and "#2 Failed" in page


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_word(cast: Cast, owner_client: Client, status: Status) -> None:
    make_release(make_service(cast.environment), status)
    badge = page_of(owner_client, cast).split('class="badge', 1)[1].split("</span>", 1)[0]
    assert status.label in badge


def test_the_strip_holds_the_last_ten_releases(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment)
    for _ in range(12):
        make_release(service, Status.RETIRED)
    page = page_of(owner_client, cast)
    assert "#2 Deployed" not in page
    assert page.index(">#3 Deployed") < page.index(">#12 Deployed")


def test_services_of_other_environments_are_not_here(cast: Cast, owner_client: Client) -> None:
    make_service(name="elsewhere")
    assert "elsewhere" not in page_of(owner_client, cast)


def test_the_number_of_queries_does_not_grow_with_the_services(
    cast: Cast, owner_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page_of(owner_client, cast)
    for _ in range(15):
        service = make_service(cast.environment)
        for status in (Status.RETIRED, Status.LIVE, Status.FAILED):
            make_release(service, status, requested_by=cast.owner)
    with django_assert_max_num_queries(10):
        page_of(owner_client, cast)
    with django_assert_max_num_queries(9):
        owner_client.get(address(cast), headers={"HX-Request": "true"})


def test_the_list_asks_the_same_address_for_its_rows(cast: Cast, owner_client: Client) -> None:
    make_service(cast.environment, "web")
    response = owner_client.get(address(cast), headers={"HX-Request": "true"})
    part = response.content.decode()
    assert "<!DOCTYPE" not in part and "web" in part
    assert "HX-Request" in response.headers["Vary"]
    assert f'hx-get="{address(cast)}"' in page_of(owner_client, cast)


def test_the_search_appears_with_the_eleventh_service(cast: Cast, owner_client: Client) -> None:
    for number in range(10):
        make_service(cast.environment, f"service{number}")
    assert 'type="search"' not in page_of(owner_client, cast)
    make_service(cast.environment, "billing", repository_url="https://git.example.com/money/bills.git")
    assert 'type="search"' in page_of(owner_client, cast)


def test_search_by_name_and_repository(cast: Cast, owner_client: Client) -> None:
    make_service(cast.environment, "billing", repository_url="https://git.example.com/money/bills.git")
    make_service(cast.environment, "landing")
    for words in ("bill", "MONEY", "money billing"):
        page = page_of(owner_client, cast, q=words)
        assert ">billing<" in page and ">landing<" not in page


@pytest.mark.parametrize("words", ["nothing", "%", "<script>x", "\0", "x" * 5000])
def test_a_search_without_a_match_says_so(cast: Cast, owner_client: Client, words: str) -> None:
    make_service(cast.environment, "web")
    page = page_of(owner_client, cast, q=words)
    assert "<script>x" not in page
    assert ("No service matches" in page) is (words != "\0")


def test_viewers_see_the_list_without_buttons(cast: Cast, viewer_client: Client) -> None:
    assert reverse("service_create", args=[cast.environment.code]) not in page_of(viewer_client, cast)
    make_service(cast.environment, "web")
    page = page_of(viewer_client, cast)
    assert ">web<" in page
    assert reverse("service_create", args=[cast.environment.code]) not in page


def test_strangers_see_nothing(cast: Cast, stranger_client: Client, anonymous_client: Client) -> None:
    assert stranger_client.get(address(cast)).status_code == 404
    assert anonymous_client.get(address(cast)).status_code == 302


def test_the_switcher_lists_my_environments_only(cast: Cast, owner_client: Client) -> None:
    other = make_service(name="secret-plan").environment
    page = page_of(owner_client, cast)
    assert "Create Environment" in page
    assert other.code not in page


@pytest.mark.parametrize("status", [Status.FAILED, Status.ABORTED])
def test_a_deploy_that_came_to_nothing_does_not_hide_what_serves(
    cast: Cast, owner_client: Client, status: Status
) -> None:
    service = make_service(cast.environment, "web")
    make_release(service, Status.LIVE)
    make_release(service, status)
    for page in (
        page_of(owner_client, cast),
        owner_client.get(reverse("service", args=[cast.environment.code, "web"])).content.decode(),
    ):
        badge = page.split('class="badge', 1)[1].split("</span>", 1)[0]
        assert "Live Version" in badge
        assert f">#2 {status.label.lower()}</a>" in page


def test_what_is_in_work_is_shown_before_what_serves(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment, "web")
    make_release(service, Status.LIVE)
    make_release(service, Status.DEPLOYING)
    page = page_of(owner_client, cast)
    assert "Deploying" in page.split('class="badge', 1)[1].split("</span>", 1)[0]
    assert ">#2 deploying</a>" not in page
