"""What operators can do in the admin: gates, the queue, looking things up. Nothing without the right to."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from kintohub.accounts.models import User
from releases import queue
from releases.models import Release, Status
from services.models import AuditEvent, Gate, Region, record
from tests.conftest import LoggedIn
from tests.factories import Cast, make_environment, make_region, make_release, make_service, make_user

pytestmark = pytest.mark.django_db

REGIONS = reverse("admin:services_region_changelist")
WAITING = reverse("admin:releases_waitingrelease_changelist")
RELEASES = reverse("admin:releases_release_changelist")
AUDIT = reverse("admin:services_auditevent_changelist")


@pytest.fixture
def operator(cast: Cast, logged_in: LoggedIn) -> Client:
    return logged_in(cast.operator)


def act(client: Client, page: str, action: str, *rows: Any, **fields: str) -> Any:
    chosen = {"action": action, ACTION_CHECKBOX_NAME: [row.pk for row in rows], **fields}
    return client.post(page, chosen, follow=True)


def queued(region: Region, **fields: Any) -> Release:
    return make_release(make_service(make_environment(region=region)), Status.QUEUED, **fields)


def audit() -> list[tuple[str, str, str, str]]:
    return list(AuditEvent.objects.order_by("pk").values_list("actor", "verb", "subject", "text"))


@pytest.mark.parametrize(
    ("action", "gate", "verb"), [("freeze", Gate.FROZEN, "freeze region"), ("drain", Gate.DRAINING, "drain region")]
)
def test_a_gate_is_closed_with_a_reason(operator: Client, action: str, gate: Gate, verb: str) -> None:
    region = make_region("earth")
    asked = act(operator, REGIONS, action, region)
    assert 'name="reason"' in asked.content.decode() and "earth" in asked.content.decode()
    region.refresh_from_db()
    assert region.gate == Gate.OPEN
    act(operator, REGIONS, action, region, reason="The disk is full")
    region.refresh_from_db()
    assert (region.gate, region.gate_reason) == (gate, "The disk is full")
    assert audit() == [("operator", verb, "earth", "The disk is full")]


def test_a_gate_is_not_closed_without_a_reason(operator: Client) -> None:
    region = make_region()
    page = act(operator, REGIONS, "freeze", region, reason="  ").content.decode()
    assert "This field is required." in page
    region.refresh_from_db()
    assert region.gate == Gate.OPEN
    assert audit() == []


def test_opening_needs_no_reason(operator: Client) -> None:
    region = make_region("earth")
    Region.objects.update(gate=Gate.FROZEN, gate_reason="The disk is full")
    act(operator, REGIONS, "open_gate", region)
    region.refresh_from_db()
    assert (region.gate, region.gate_reason) == (Gate.OPEN, "")
    assert audit() == [("operator", "open region", "earth", "")]


def test_the_form_of_a_region_keeps_who_changed_the_gate(operator: Client) -> None:
    region = make_region("earth", slots=2)
    page = reverse("admin:services_region_change", args=[region.pk])
    form = {"name": "earth", "slots": "4", "gate": Gate.FROZEN, "gate_reason": ""}
    assert "Say why" in operator.post(page, form).content.decode()
    operator.post(page, {**form, "gate_reason": "Moving house"})
    region.refresh_from_db()
    assert (region.slots, region.gate) == (4, Gate.FROZEN)
    operator.post(page, {**form, "gate_reason": "Moving house", "slots": "5"})
    assert audit() == [("operator", "freeze region", "earth", "Moving house")]


def test_the_queue_says_in_which_order_and_why(operator: Client) -> None:
    region = make_region("earth", slots=1)
    first, second = queued(region), queued(region)
    make_release(make_service(make_environment(region=region)), Status.DEPLOYING)
    page = operator.get(WAITING).content.decode()
    assert page.index(str(first)) < page.index(str(second))
    assert "All 1 deploy slots of earth are busy; this release is next." in page
    assert "1 release waits ahead" in page
    assert "unknown" in page
    assert operator.get(WAITING, {"q": second.service.name}).content.decode().count("waits ahead") == 1


def test_moving_up_asks_why_and_keeps_the_reason(operator: Client) -> None:
    region = make_region(slots=1)
    first, second = queued(region), queued(region)
    assert 'name="reason"' in act(operator, WAITING, "move_up", second).content.decode()
    assert queue.position(second) == 2
    act(operator, WAITING, "move_up", second, reason="Fixes the outage")
    second.refresh_from_db()
    assert (queue.position(second), queue.position(first)) == (1, 2)
    assert second.moved_up_at is not None and second.moved_up_reason == "Fixes the outage"
    subject = f"{second.service.environment}/{second.service} #1"
    assert audit() == [("operator", "move up", subject, "Fixes the outage")]
    assert "Fixes the outage" in operator.get(WAITING).content.decode()


def test_a_release_that_was_claimed_meanwhile_is_not_moved(operator: Client) -> None:
    region = make_region()
    release = queued(region)
    assert queue.claim(region, "worker") == release
    act(operator, WAITING, "move_up", release, reason="Late")
    release.refresh_from_db()
    assert release.moved_up_at is None
    assert audit() == []


@pytest.mark.parametrize(
    ("page", "status", "then"),
    [(WAITING, Status.QUEUED, Status.ABORTED), (RELEASES, Status.DEPLOYING, Status.ABORTING)],
)
def test_an_operator_aborts(operator: Client, page: str, status: Status, then: Status) -> None:
    release = make_release(status=status)
    act(operator, page, "abort", release)
    release.refresh_from_db()
    assert release.status == then
    assert [(actor, verb) for actor, verb, *_ in audit()] == [("operator", "abort")]


def test_what_is_live_cannot_be_aborted(operator: Client) -> None:
    release = make_release(status=Status.LIVE)
    page = act(operator, RELEASES, "abort", release).content.decode()
    assert "is live already" in page
    assert audit() == []


def test_nothing_of_a_release_can_be_edited(operator: Client) -> None:
    release = make_release(status=Status.QUEUED)
    for name in ("release", "waitingrelease"):
        page = reverse(f"admin:releases_{name}_change", args=[release.pk])
        assert operator.get(page).status_code == 200
        assert operator.post(page, {"number": "9"}).status_code == 403
        assert operator.get(reverse(f"admin:releases_{name}_add")).status_code == 403


def test_secrets_are_not_shown(operator: Client) -> None:
    from services.settings import Credentials, Variable

    service = make_service(
        make_environment(), variables=[Variable("KEY", "hush-hush")], credentials=Credentials(token="tok-en-42")
    )
    release = make_release(service, Status.QUEUED)
    for name in ("release", "waitingrelease"):
        page = operator.get(reverse(f"admin:releases_{name}_change", args=[release.pk])).content.decode()
        assert "hush-hush" not in page and "tok-en-42" not in page


def test_the_audit_log_is_read_and_searched_but_not_changed(operator: Client) -> None:
    record(None, "reconcile", "staging/web", "Instance 1 of release #3 was gone. It was started again.")
    event = record(make_user("ada"), "suspend", "staging/api")
    page = operator.get(AUDIT, {"q": "was gone"}).content.decode()
    assert "staging/web" in page and "staging/api" not in page
    assert "staging/api" in operator.get(AUDIT, {"verb": "suspend"}).content.decode()
    change = reverse("admin:services_auditevent_change", args=[event.pk])
    assert operator.get(change).status_code == 200
    assert operator.post(change, {"text": "never mind"}).status_code == 403
    assert (
        operator.post(reverse("admin:services_auditevent_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    )


def reader(*names: str) -> User:
    user = make_user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


def test_who_may_only_look_cannot_operate(logged_in: LoggedIn) -> None:
    client = logged_in(reader("view_release", "view_waitingrelease", "view_region"))
    region = make_region()
    release = queued(region)
    assert str(release) in client.get(WAITING).content.decode()
    for page, action, row in [(WAITING, "move_up", release), (WAITING, "abort", release), (REGIONS, "freeze", region)]:
        act(client, page, action, row, reason="Because")
    release.refresh_from_db()
    region.refresh_from_db()
    assert (release.status, release.moved_up_at, region.gate) == (Status.QUEUED, None, Gate.OPEN)
    assert audit() == []


def test_members_who_are_no_operators_see_none_of_it(cast: Cast, logged_in: LoggedIn) -> None:
    for user in (*cast.members, cast.stranger):
        for page in (REGIONS, WAITING, RELEASES, AUDIT):
            assert logged_in(user).get(page).status_code in (302, 403)


def test_every_list_of_the_admin_opens(operator: Client) -> None:
    queued(make_region())
    names = "artifact instance resource stagerun logstream logchunk release waitingrelease"
    pages = [f"admin:releases_{name}_changelist" for name in names.split()]
    names = "region environment membership service buildsettings environmentvariable baseimage auditevent"
    pages += [f"admin:services_{name}_changelist" for name in names.split()]
    for page in pages:
        assert operator.get(reverse(page)).status_code == 200, page
