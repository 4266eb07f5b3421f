"""Trigger Deploy: who may, and that two presses make one release."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from releases.mirrors import mirror_of
from releases.models import Release, Status, Trigger
from releases.views.trigger import OUT_OF_DATE
from services.models import Gate, Region, Service
from tests.conftest import LoggedIn
from tests.factories import Cast, make_release, make_service
from tests.repository.repositories import commit, git, make_repository


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web")


def address(service: Service) -> str:
    return reverse("trigger_deploy", args=[service.environment.code, service.name])


def test_who_may(cast: Cast, service: Service, logged_in: LoggedIn) -> None:
    expected = {cast.owner: 302, cast.developer: 302, cast.viewer: 403, cast.stranger: 404, cast.operator: 404}
    for user, status in expected.items():
        response = logged_in(user).post(address(service), {"request_id": uuid4()})
        assert response.status_code == status, user
    assert Release.objects.count() == 2
    assert Client().post(address(service)).status_code == 302
    assert Release.objects.count() == 2


def test_it_queues_a_release_and_leads_to_its_page(cast: Cast, service: Service, developer_client: Client) -> None:
    response = developer_client.post(address(service), {"request_id": uuid4()})
    release = Release.objects.get()
    assert response["Location"] == release.get_absolute_url()
    assert (release.status, release.trigger, release.requested_by) == (Status.QUEUED, Trigger.TRIGGER, cast.developer)


def test_two_presses_make_one_release(service: Service, owner_client: Client) -> None:
    press = {"request_id": uuid4()}
    first, second = (owner_client.post(address(service), press)["Location"] for _ in range(2))
    assert first == second
    assert Release.objects.count() == 1


@pytest.mark.parametrize("request_id", ["", "x", "\0", "9" * 5000])
def test_a_form_that_was_tampered_with_deploys_nothing(service: Service, owner_client: Client, request_id: str) -> None:
    response = owner_client.post(address(service), {"request_id": request_id}, follow=True)
    assert not Release.objects.exists()
    assert OUT_OF_DATE in response.content.decode()


def test_the_request_of_another_service_deploys_nothing(cast: Cast, service: Service, owner_client: Client) -> None:
    press = {"request_id": uuid4()}
    owner_client.post(address(make_service(cast.environment, "other")), press)
    response = owner_client.post(address(service), press, follow=True)
    assert OUT_OF_DATE in response.content.decode()
    assert not service.releases.exists()


@pytest.fixture
def live(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Of a repository whose branch has this commit, and that is waited for."""
    monkeypatch.setattr("releases.views.trigger.SECONDS", 60.0)
    repository = make_repository(Path(django_settings.LOCAL_REPOSITORIES) / tmp_path.name / "web", {"run.py": "1"})
    service = make_service(cast.environment, "app", repository_url=f"file://{repository}")
    return make_release(service, Status.LIVE, commit_sha=git(repository, "rev-parse", "HEAD"))


def repository_of(release: Release) -> Path:
    return Path(release.settings.repository_url.removeprefix("file://"))


def test_nothing_new_is_said_before_anything_is_queued(live: Release, owner_client: Client) -> None:
    press = {"request_id": str(uuid4())}
    page = owner_client.post(address(live.service), press).content.decode()
    assert "Nothing new on main" in page and live.short_sha in page and press["request_id"] in page
    assert "This deploy has no downtime." in page
    assert Release.objects.get() == live
    response = owner_client.post(address(live.service), {**press, "anyway": "on"})
    assert response["Location"] == Release.objects.get(trigger=Trigger.TRIGGER).get_absolute_url()


def test_a_new_commit_is_deployed_at_once(live: Release, owner_client: Client) -> None:
    commit(repository_of(live), {"run.py": "2"})
    response = owner_client.post(address(live.service), {"request_id": uuid4()})
    assert response["Location"] == Release.objects.get(trigger=Trigger.TRIGGER).get_absolute_url()


def test_the_commit_that_was_looked_at_is_the_one_that_is_deployed(
    live: Release, owner_client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.PREFLIGHT_SECONDS, settings.DATA_DIR = 60, tmp_path / "data"
    assert "Nothing new on main" in owner_client.post(address(live.service), {"request_id": uuid4()}).content.decode()
    commit(repository_of(live), {"run.py": "2"}, "Second")
    owner_client.post(address(live.service), {"request_id": uuid4(), "passed": "on"})
    release = Release.objects.get(trigger=Trigger.TRIGGER)
    assert (release.commit_sha, release.commit_subject) == (git(repository_of(live), "rev-parse", "HEAD"), "Second")
    assert mirror_of(live.service_id).known(release.commit_sha)


def test_a_new_commit_on_another_branch_is_nothing_new(live: Release, owner_client: Client) -> None:
    git(repository_of(live), "checkout", "--quiet", "-b", "next")
    commit(repository_of(live), {"run.py": "2"})
    assert "Nothing new on main" in owner_client.post(address(live.service), {"request_id": uuid4()}).content.decode()


def test_a_second_press_finds_the_release_although_it_went_live(live: Release, owner_client: Client) -> None:
    press = {"request_id": uuid4(), "anyway": "on"}
    first = owner_client.post(address(live.service), press)["Location"]
    assert owner_client.post(address(live.service), {"request_id": press["request_id"]})["Location"] == first


def test_a_repository_that_does_not_answer_is_no_obstacle(live: Release, owner_client: Client) -> None:
    shutil.rmtree(repository_of(live))
    assert owner_client.post(address(live.service), {"request_id": uuid4()}).status_code == 302
    assert Release.objects.filter(trigger=Trigger.TRIGGER).exists()


def test_after_a_suspension_there_is_always_something_to_deploy(live: Release, owner_client: Client) -> None:
    live.transition(Status.LIVE, Status.SUSPENDED)
    assert owner_client.post(address(live.service), {"request_id": uuid4()}).status_code == 302


def test_a_refusal_is_shown(service: Service, owner_client: Client) -> None:
    Region.objects.update(gate=Gate.DRAINING, gate_reason="The disk is being replaced")
    response = owner_client.post(address(service), {"request_id": uuid4()}, follow=True)
    assert "The disk is being replaced" in response.content.decode()
    assert not Release.objects.exists()


def test_only_by_post(service: Service, owner_client: Client) -> None:
    assert owner_client.get(address(service)).status_code == 405
