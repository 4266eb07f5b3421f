"""The card of a failed release, and its shortcuts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from releases.diagnosis.shortcut import NEWEST, RETRY, Shortcut, add_variable, deploy, edit
from releases.models import Diagnosis, Release, Status, Trigger
from services.settings import Variable
from tests.factories import Cast, make_release, make_service

SECRET = Variable("TOKEN", "s3cr3t-token", True)
SHORTCUTS = (
    deploy("Use port 5055", port="5055"),
    add_variable("DATABASE_URL"),
    RETRY,
    NEWEST,
    edit("Edit the port", "port", "5055"),
)


@pytest.fixture
def failed(cast: Cast) -> Release:
    """A release that failed, with a shortcut of every kind."""
    service = make_service(cast.environment, "web", variables=[SECRET])
    release = make_release(service, Status.FAILED)
    diagnose(release, *SHORTCUTS)
    return release


def diagnose(release: Release, *shortcuts: Shortcut, **fields: Any) -> Diagnosis:
    values = {
        "cause": "listens-on-another-port",
        "confidence": "high",
        "sentence": "The program listens on port 5055.",
        "evidence": [[7, "web-1 did not answer <b>"]],
        "shortcuts": [shortcut.as_json() for shortcut in shortcuts],
        "seconds": 0.1,
    }
    return Diagnosis.objects.create(release=release, **{**values, **fields})


def page(client: Client, release: Release) -> str:
    return client.get(release.get_absolute_url()).content.decode()


def press(client: Client, release: Release, index: int, **fields: Any) -> Any:
    return client.post(f"{release.get_absolute_url()}fix", {"index": index, "request_id": uuid4(), **fields})


def newest() -> Release:
    return Release.objects.order_by("-number")[0]


def test_the_card_tells_cause_evidence_and_shortcuts(developer_client: Client, failed: Release) -> None:
    text = page(developer_client, failed)
    assert "The program listens on port 5055." in text
    assert 'href="#L7"' in text
    assert "web-1 did not answer &lt;b&gt;" in text
    assert "Use port 5055 and deploy" in text
    assert "Nothing of this service serves" in text
    assert f"{failed.get_absolute_url()}edit?port=5055&amp;tab=build#id_port" in text
    assert "/causes/#listens-on-another-port" in text


def test_the_card_says_who_still_serves(developer_client: Client, cast: Cast) -> None:
    service = make_service(cast.environment, "shop")
    make_release(service, Status.LIVE)
    release = make_release(service, Status.FAILED)
    diagnose(release, *SHORTCUTS)
    assert "Release #1</a> still serves." in page(developer_client, release)


def test_a_viewer_sees_the_cause_and_can_press_nothing(viewer_client: Client, failed: Release) -> None:
    text = page(viewer_client, failed)
    assert "The program listens on port 5055." in text
    assert "and deploy" not in text
    assert press(viewer_client, failed, 0).status_code == 403
    assert newest() == failed


def test_a_stranger_finds_nothing(stranger_client: Client, anonymous_client: Client, failed: Release) -> None:
    assert press(stranger_client, failed, 0).status_code == 404
    assert press(anonymous_client, failed, 0).status_code == 302
    assert newest() == failed


def test_a_change_makes_a_release_with_it_and_with_nothing_else(developer_client: Client, failed: Release) -> None:
    answer = press(developer_client, failed, 0, port="1", memory_mb="8192")
    made = newest()
    assert answer.headers["Location"] == made.get_absolute_url()
    assert made.settings.port == 5055
    assert made.settings.memory_mb == failed.settings.memory_mb
    assert (made.trigger, made.based_on, made.commit_sha) == (Trigger.EDIT, failed, failed.commit_sha)
    assert made.variables == [SECRET]
    assert made.service.build.port == 5055


def test_a_variable_is_added_as_a_secret(developer_client: Client, failed: Release) -> None:
    press(developer_client, failed, 1, value="postgres://db")
    assert newest().variables == [SECRET, Variable("DATABASE_URL", "postgres://db", True)]


def test_a_variable_that_is_there_gets_the_new_value(developer_client: Client, cast: Cast) -> None:
    release = make_release(make_service(cast.environment, "shop", variables=[SECRET]), Status.FAILED)
    diagnose(release, add_variable("TOKEN"))
    press(developer_client, release, 0, value="another")
    assert newest().variables == [Variable("TOKEN", "another", True)]


@pytest.mark.parametrize("value", ["", "x" * 40_000, "a\0b"])
def test_a_value_that_cannot_be_is_refused(developer_client: Client, failed: Release, value: str) -> None:
    assert press(developer_client, failed, 1, value=value).status_code == 302
    assert newest() == failed


def test_retry_takes_the_same_commit_and_newest_the_branch(developer_client: Client, failed: Release) -> None:
    press(developer_client, failed, 2)
    made = newest()
    assert (made.trigger, made.commit_sha, made.settings) == (Trigger.RETRY, failed.commit_sha, failed.settings)
    failed.service.refresh_from_db()
    other = make_release(failed.service, Status.FAILED)
    diagnose(other, NEWEST)
    press(developer_client, other, 0)
    assert newest().commit_sha == ""
    assert newest().trigger == Trigger.RETRY


def test_two_presses_make_one_release(developer_client: Client, failed: Release) -> None:
    request_id = uuid4()
    first = press(developer_client, failed, 0, request_id=request_id)
    second = press(developer_client, failed, 0, request_id=request_id)
    assert first.headers["Location"] == second.headers["Location"]
    assert Release.objects.count() == 2


@pytest.mark.parametrize("index", [4, 5, -1, 99, "x", ""])
def test_what_is_not_offered_cannot_be_pressed(developer_client: Client, failed: Release, index: Any) -> None:
    assert press(developer_client, failed, index).status_code == 302
    assert newest() == failed


def test_a_press_without_a_request_id_changes_nothing(developer_client: Client, failed: Release) -> None:
    developer_client.post(f"{failed.get_absolute_url()}fix", {"index": 0})
    assert newest() == failed


def test_only_a_post_acts(developer_client: Client, failed: Release) -> None:
    assert developer_client.get(f"{failed.get_absolute_url()}fix").status_code == 405


def test_a_newer_release_comes_first(developer_client: Client, failed: Release) -> None:
    newer = make_release(failed.service, Status.FAILED)
    text = page(developer_client, failed)
    assert "was made since" in text
    assert "and deploy" not in text
    assert press(developer_client, failed, 0).headers["Location"] == failed.get_absolute_url()
    assert newest() == newer


def test_a_change_that_the_form_refuses_deploys_nothing(developer_client: Client, cast: Cast) -> None:
    release = make_release(make_service(cast.environment, "shop"), Status.FAILED)
    diagnose(release, deploy("Use port 99999", port="99999"))
    answer = developer_client.post(f"{release.get_absolute_url()}fix", {"index": 0, "request_id": uuid4()}, follow=True)
    assert "Nothing was deployed: The port must be from 1 to 65535." in answer.content.decode()
    assert newest() == release


def test_a_release_that_did_not_fail_has_no_card(developer_client: Client, cast: Cast) -> None:
    release = make_release(make_service(cast.environment, "shop"), Status.LIVE)
    diagnose(release, *SHORTCUTS)
    assert "Use port 5055" not in page(developer_client, release)


def test_lists_say_the_cause(developer_client: Client, cast: Cast, failed: Release) -> None:
    for address in (f"/environments/{cast.environment.code}/", failed.get_absolute_url().removesuffix("1/")):
        assert "The program listens on port 5055." in developer_client.get(address, follow=True).content.decode()
