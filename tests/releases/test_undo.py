"""Undo on the release page: who sees it, who may, and when it is too late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from releases.models import Release, Status
from services.models import AuditEvent
from tests.factories import Cast, make_release, make_service


def make_kept(cast: Cast, **fields: Any) -> Release:
    """A live release whose predecessor still runs, and whose worker is there."""
    service = make_service(cast.environment)
    make_release(service, Status.RETIRED, retired_at=timezone.now())
    soon = timezone.now() + timedelta(seconds=30)
    return make_release(service, **{"undo_until": soon, "heartbeat_at": timezone.now(), **fields})


def address(release: Release) -> str:
    return f"{release.get_absolute_url()}undo"


def test_a_developer_may_undo_while_the_release_before_still_runs(cast: Cast, developer_client: Client) -> None:
    release = make_kept(cast)
    page = developer_client.get(release.get_absolute_url()).content.decode()
    assert address(release) in page
    response = developer_client.post(address(release), follow=True)
    release.refresh_from_db()
    assert release.undo_requested_by == cast.developer
    page = response.content.decode()
    assert "Going back to the release before" in page
    assert address(release) not in page
    assert AuditEvent.objects.get(verb="undo").actor == "developer"


def test_a_second_press_changes_nothing(cast: Cast, developer_client: Client) -> None:
    release = make_kept(cast)
    for _ in range(2):
        assert developer_client.post(address(release)).status_code == 302
    assert AuditEvent.objects.filter(verb="undo").count() == 1


def test_after_the_window_it_says_what_to_do_instead(cast: Cast, developer_client: Client) -> None:
    for late in (
        {"undo_until": None},
        {"undo_until": timezone.now() - timedelta(seconds=1)},
        {"heartbeat_at": timezone.now() - timedelta(minutes=5)},
    ):
        release = make_kept(cast, **late)
        assert address(release) not in developer_client.get(release.get_absolute_url()).content.decode()
        page = developer_client.post(address(release), follow=True).content.decode()
        release.refresh_from_db()
        assert release.undo_requested_at is None
        assert "Use Rollback to go back" in page


def test_a_viewer_sees_no_button_and_may_not(cast: Cast, viewer_client: Client) -> None:
    release = make_kept(cast)
    assert address(release) not in viewer_client.get(release.get_absolute_url()).content.decode()
    assert viewer_client.post(address(release)).status_code == 403


def test_a_stranger_gets_404(cast: Cast, stranger_client: Client) -> None:
    assert stranger_client.post(address(make_kept(cast))).status_code == 404


def test_a_link_undoes_nothing(cast: Cast, developer_client: Client) -> None:
    assert developer_client.get(address(make_kept(cast))).status_code == 405


def test_a_release_that_was_taken_back_says_so(cast: Cast, viewer_client: Client) -> None:
    now = timezone.now()
    release = make_kept(cast, status=Status.FAILED, taken_back_at=now, finished_at=now, reason="ada went back.")
    page = viewer_client.get(release.get_absolute_url()).content.decode()
    assert "Taken back" in page and "ada went back." in page
