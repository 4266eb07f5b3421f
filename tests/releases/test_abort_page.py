"""Abort from the pages: who may, when it comes too late, and what a second press does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from releases.models import LogStream, Release, Status
from tests.conftest import LoggedIn
from tests.factories import Cast, make_release, make_service


def make(cast: Cast, status: Status) -> Release:
    release = make_release(make_service(cast.environment, "web"), status)
    LogStream.objects.create(release=release)
    return release


def address(release: Release) -> str:
    return release.get_absolute_url() + "abort"


def press(client: Client, release: Release) -> HttpResponse:
    return client.post(address(release), follow=True)  # type: ignore[return-value]


def status_of(release: Release) -> str:
    return Release.objects.get(pk=release.pk).status


def test_owners_and_developers_may_and_nobody_else(cast: Cast, logged_in: LoggedIn) -> None:
    release = make(cast, Status.QUEUED)
    asked = {"viewer": 403, "stranger": 404, "operator": 404}
    for name, code in asked.items():
        client = logged_in(getattr(cast, name))
        assert client.get(address(release)).status_code == code
        assert client.post(address(release)).status_code == code
    assert Client().post(address(release))["Location"].startswith("/account/login/")
    assert status_of(release) == Status.QUEUED
    for user in (cast.owner, cast.developer):
        Release.objects.update(status=Status.QUEUED)
        assert logged_in(user).post(address(release))["Location"] == release.get_absolute_url()
        assert status_of(release) == Status.ABORTED


def test_looking_at_the_question_aborts_nothing(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.DEPLOYING)
    page = owner_client.get(address(release)).content.decode()
    assert "Abort release #1 of web?" in page
    assert "What serves now keeps serving." in page
    assert status_of(release) == Status.DEPLOYING


def test_one_that_waits_is_aborted_at_once(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.QUEUED)
    page = press(owner_client, release).content.decode()
    assert status_of(release) == Status.ABORTED
    assert "Aborted at once" in page
    assert "there was nothing to remove" in page


def test_one_in_work_is_aborting_at_once_and_the_button_is_gone(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.DEPLOYING)
    page = press(owner_client, release).content.decode()
    assert status_of(release) == Status.ABORTING
    assert 'data-status="aborting"' in page
    assert address(release) not in page
    assert 'hx-trigger="every 1s"' in page


@pytest.mark.parametrize("first", [Status.QUEUED, Status.DEPLOYING])
def test_a_second_press_changes_nothing(cast: Cast, owner_client: Client, first: Status) -> None:
    release = make(cast, first)
    press(owner_client, release)
    asked = Release.objects.get().abort_requested_at
    page = press(owner_client, release).content.decode()
    assert 'class="toast bad"' not in page.split('<template id="no-answer">')[0]
    assert Release.objects.get().abort_requested_at == asked


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.LIVE, "Release #1 is live already. Use Rollback to go back."),
        (Status.RETIRED, "Release #1 is live already. Use Rollback to go back."),
        (Status.FAILED, "Release #1 is over: Failed."),
        (Status.SUPERSEDED, "Release #1 is over: Superseded."),
    ],
)
def test_too_late_is_said(cast: Cast, owner_client: Client, status: Status, words: str) -> None:
    release = make(cast, status)
    assert words in press(owner_client, release).content.decode()
    assert status_of(release) == status
    assert owner_client.get(address(release))["Location"] == release.get_absolute_url()


def test_where_undo_is_offered_it_is_what_too_late_points_to(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.LIVE)
    soon = timezone.now() + timedelta(seconds=30)
    Release.objects.filter(pk=release.pk).update(undo_until=soon, heartbeat_at=timezone.now())
    assert "Release #1 is live already. Use Undo to go back at once." in press(owner_client, release).content.decode()


def test_it_needs_the_token_of_the_form(cast: Cast) -> None:
    release = make(cast, Status.DEPLOYING)
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    assert client.post(address(release)).status_code == 403
    assert status_of(release) == Status.DEPLOYING
