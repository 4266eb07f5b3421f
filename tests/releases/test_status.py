"""The one writer of a release's status, and what the database itself refuses."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from releases.models import Release, Status
from releases.models.release import WrongStatus
from releases.models.status import FINISHED, TRANSITIONS, UNFINISHED
from tests.factories import make_release, make_service

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("start", "to"), [(start, to) for start, ends in TRANSITIONS.items() for to in ends])
def test_every_move_of_the_table_works(start: Status, to: Status) -> None:
    release = make_release(status=start)
    release.transition(start, to)
    assert Release.objects.get(pk=release.pk).status == release.status == to


@pytest.mark.parametrize(
    ("start", "to"), [(start, to) for start in Status for to in Status if to not in TRANSITIONS[start]]
)
def test_every_other_move_is_refused(start: Status, to: Status) -> None:
    release = make_release(status=start)
    with pytest.raises(ValueError, match="never goes"):
        release.transition(start, to)
    assert Release.objects.get(pk=release.pk).status == start


def test_a_release_that_moved_on_is_not_moved_again() -> None:
    release = make_release(status=Status.DEPLOYING)
    stale = Release.objects.get(pk=release.pk)
    release.transition(Status.DEPLOYING, Status.ABORTING)
    with pytest.raises(WrongStatus):
        stale.transition(Status.DEPLOYING, Status.LIVE, live_at=timezone.now())
    fresh = Release.objects.get(pk=release.pk)
    assert (fresh.status, fresh.live_at) == (Status.ABORTING, None)


def test_statuses_are_finished_or_not() -> None:
    assert set(FINISHED) | set(UNFINISHED) == set(Status)
    assert not set(FINISHED) & set(UNFINISHED)


@pytest.mark.parametrize(
    ("first", "second"),
    [(Status.DEPLOYING, Status.DEPLOYING), (Status.DEPLOYING, Status.ABORTING), (Status.LIVE, Status.LIVE)],
)
def test_the_database_refuses_two_at_once(first: Status, second: Status) -> None:
    service = make_service()
    make_release(service, first)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_release(service, second)


def test_secrets_are_ciphertext_at_rest() -> None:
    from django.db import connection

    from services.settings import Credentials, Variable

    service = make_service(variables=[Variable("KEY", "hunter2-hunter2")], credentials=Credentials(token="ghp_sesame"))
    release = make_release(service)
    with connection.cursor() as cursor:
        cursor.execute("SELECT frozen_variables, frozen_credentials FROM releases_release WHERE id = %s", [release.pk])
        stored = " ".join(cursor.fetchone())
        cursor.execute("SELECT credentials FROM services_service WHERE id = %s", [service.pk])
        stored += cursor.fetchone()[0]
        cursor.execute("SELECT value FROM services_environmentvariable WHERE service_id = %s", [service.pk])
        stored += cursor.fetchone()[0]
    assert "hunter2" not in stored and "ghp_sesame" not in stored
    again = Release.objects.get(pk=release.pk)
    assert again.variables == [Variable("KEY", "hunter2-hunter2")]
    assert again.credentials.token == "ghp_sesame"
    assert "hunter2" not in repr(again.variables) and "sesame" not in repr(again.credentials)
