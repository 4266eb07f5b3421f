"""The Releases tab."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from releases.models import Release, Status, Trigger
from services.models import Service
from tests.conftest import LoggedIn
from tests.factories import Cast, make_release, make_service


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web")


def address(service: Service) -> str:
    return reverse("releases", args=[service.environment.code, service.name])


def test_members_see_it_and_nobody_else(cast: Cast, service: Service, logged_in: LoggedIn) -> None:
    for user in cast.members:
        assert logged_in(user).get(address(service)).status_code == 200
    assert logged_in(cast.stranger).get(address(service)).status_code == 404
    assert Client().get(address(service)).status_code == 302


def test_newest_first_and_the_live_one_is_marked(service: Service, owner_client: Client) -> None:
    for status in (Status.RETIRED, Status.LIVE, Status.FAILED):
        make_release(service, status)
    page = owner_client.get(address(service)).content.decode()
    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    assert [f"#{number}" in row for number, row in zip((3, 2, 1), rows, strict=True)] == [True] * 3
    assert "Live Version" in rows[1]
    assert page.split("<tbody>")[1].count("Live Version") == 1


def test_a_row_says_what_and_who(cast: Cast, service: Service, owner_client: Client) -> None:
    release = make_release(service, Status.LIVE, requested_by=cast.developer, commit_subject="<b>bold</b>")
    row = owner_client.get(address(service)).content.decode().split("<tbody>")[1]
    for text in (
        release.short_sha,
        "&lt;b&gt;bold&lt;/b&gt;",
        "main",
        "Create Service",
        "developer",
        "1m 0s",
        "View Logs",
    ):
        assert text in row
    assert f'href="{release.get_absolute_url()}"' in row


def test_no_release_yet(service: Service, owner_client: Client) -> None:
    assert "No release yet" in owner_client.get(address(service)).content.decode()


@pytest.mark.parametrize(
    ("query", "first", "last"), [("", 30, 6), ("?page=2", 5, 1), ("?page=99", 5, 1), ("?page=x", 30, 6)]
)
def test_pages_of_twenty_five(service: Service, owner_client: Client, query: str, first: int, last: int) -> None:
    for _ in range(30):
        make_release(service, Status.RETIRED)
    page = owner_client.get(address(service) + query).content.decode().split("<tbody>")[1]
    numbers = [int(part.split("<")[0]) for part in page.split("<strong>#")[1:]]
    assert numbers == list(range(first, last - 1, -1))


@pytest.mark.parametrize(("status", "renews"), [(Status.QUEUED, True), (Status.DEPLOYING, True), (Status.LIVE, False)])
def test_it_renews_itself_only_while_something_is_unfinished(
    service: Service, owner_client: Client, status: Status, renews: bool
) -> None:
    make_release(service, status)
    part = owner_client.get(address(service), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert ('hx-trigger="every 2s"' in part) is renews


def test_the_number_of_queries_does_not_grow_with_the_rows(service: Service, owner_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            owner_client.get(address(service))
        return len(captured)

    base = make_release(service, Status.RETIRED)
    make_release(service, Status.QUEUED)
    queries()
    few = queries()
    for _ in range(5):
        make_release(service, Status.RETIRED, based_on=base, trigger=Trigger.ROLLBACK)
        make_release(service, Status.LIVE, based_on=base, trigger=Trigger.EDIT).transition(Status.LIVE, Status.RETIRED)
        make_release(service, Status.SUPERSEDED, superseded_by=base)
        make_release(service, Status.QUEUED)
    assert queries() == few


def menu_of(page: str, release: Release) -> str:
    return page.split(f'id="menu-{release.number}"')[1].split("</details>")[0]


@pytest.mark.parametrize(
    ("status", "items"),
    [
        (Status.QUEUED, ["View Logs", "Edit Release", "Abort"]),
        (Status.DEPLOYING, ["View Logs", "Edit Release", "Abort"]),
        (Status.ABORTING, ["View Logs", "Edit Release"]),
        (Status.LIVE, ["View Logs", "Edit Release"]),
        (Status.RETIRED, ["View Logs", "Edit Release", "Rollback"]),
        (Status.FAILED, ["View Logs", "Edit Release"]),
        (Status.SUSPENDED, ["View Logs", "Edit Release"]),
    ],
)
def test_the_menu_offers_what_applies(
    service: Service, developer_client: Client, viewer_client: Client, status: Status, items: list[str]
) -> None:
    release = make_release(service, status)
    offered = menu_of(developer_client.get(address(service)).content.decode(), release)
    words = ("View Logs", "Edit Release", "Rollback", "Abort")
    assert [word for word in words if f" {word}</a>" in offered] == items
    looked = menu_of(viewer_client.get(address(service)).content.decode(), release)
    assert [word for word in words if f" {word}</a>" in looked] == ["View Logs"]


def test_a_row_says_what_superseded_it_and_what_it_is_based_on(service: Service, owner_client: Client) -> None:
    first = make_release(service, Status.RETIRED)
    second = make_release(service, Status.QUEUED, trigger=Trigger.ROLLBACK, based_on=first)
    make_release(service, Status.SUPERSEDED, trigger=Trigger.EDIT, based_on=first, superseded_by=second)
    rows = [" ".join(row.split()) for row in owner_client.get(address(service)).content.decode().split("<tr>")[2:]]
    assert "Superseded" in rows[0] and f'href="{second.get_absolute_url()}">#2</a>' in rows[0]
    assert "Edited from" in rows[0] and f'href="{first.get_absolute_url()}">#1</a>' in rows[0]
    assert "Rollback to" in rows[1] and f'href="{first.get_absolute_url()}">#1</a>' in rows[1]
