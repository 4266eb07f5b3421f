"""Edit Service and Edit Release: a copy of a release, changed and deployed; nothing secret leaves the platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from releases.models import Artifact, Release, Status, Trigger
from releases.views.edit import stored_of
from services.models import Gate, Region, Service
from services.settings import Credentials, Variable
from tests.conftest import LoggedIn
from tests.factories import Cast, make_release, make_service
from tests.repository.repositories import git, make_repository
from tests.repository.server import serve

HTMX = {"HX-Request": "true"}
SECRETS = (b"st0red-secret", b"st0red-token", b"st0red-key")


def make_live(cast: Cast, **settings: Any) -> Release:
    variables = [Variable("TOKEN", "st0red-secret"), Variable("MODE", "fast", is_secret=False)]
    credentials = Credentials(token="st0red-token", deploy_key="st0red-key")
    service = make_service(cast.environment, "web", variables=variables, credentials=credentials, **settings)
    return make_release(service, Status.LIVE)


@pytest.fixture
def live(cast: Cast) -> Release:
    return make_live(cast)


def address(release: Release) -> str:
    service = release.service
    return reverse("release_edit", args=[service.environment.code, service.name, release.number])


def data(release: Release, **changes: str) -> dict[str, Any]:
    """What a browser sends for the form of this release, with changes."""
    sent = {"action": "deploy", "request_id": str(uuid4()), "seen": str(release.service.last_release_number)}
    return {**stored_of(release).as_sent({}).dict(), **sent, **changes}


def post(client: Client, release: Release, **changes: str) -> HttpResponse:
    response = client.post(address(release), data(release, **changes))
    assert not [secret for secret in SECRETS if secret in response.content]
    return response  # type: ignore[return-value]


def text(response: HttpResponse) -> str:
    return response.content.decode()


def test_edit_service_leads_to_the_live_release(cast: Cast, live: Release, owner_client: Client) -> None:
    make_release(live.service, Status.FAILED)
    response = owner_client.get(reverse("service_edit", args=[cast.environment.code, "web"]) + "?port=8000")
    assert response["Location"] == f"{address(live)}?port=8000"
    page = text(owner_client.get(response["Location"]))
    assert "Edit Service" in page and 'value="8000"' in page and "Proposed in place of 3000." in page


def test_edit_service_without_a_release_says_so(cast: Cast, owner_client: Client) -> None:
    make_service(cast.environment, "web")
    response = owner_client.get(reverse("service_edit", args=[cast.environment.code, "web"]), follow=True)
    assert "Deploy it first" in text(response)  # type: ignore[arg-type]


def test_the_form_of_any_release_shows_its_own_settings(live: Release, owner_client: Client) -> None:
    old = make_release(live.service, Status.RETIRED, frozen={**live.frozen, "port": 4321})
    page = text(owner_client.get(address(old)))
    assert f"Edit Release #{old.number}" in page
    assert 'value="4321"' in page


def test_a_release_of_before_a_setting_existed_has_its_default(live: Release, owner_client: Client) -> None:
    later = ("health_status", "start_grace", "settle_count", "drain_seconds", "undo_window")
    old = {name: value for name, value in live.frozen.items() if name not in later}
    release = make_release(live.service, Status.RETIRED, frozen=old)
    assert (release.settings.drain_seconds, release.settings.undo_window) == (30, 60)
    assert "Nothing has changed." in text(owner_client.get(address(release)))
    assert post(owner_client, release, drain_seconds="45").status_code == 302
    made = Release.objects.get(trigger=Trigger.EDIT)
    assert (made.settings.drain_seconds, Service.objects.get().drain_seconds) == (45, 45)


def test_what_is_fixed_and_what_is_kept_is_said(live: Release, owner_client: Client) -> None:
    page = text(owner_client.get(address(live)))
    assert 'name="repository_url"' not in page and 'name="name"' not in page
    assert "A service keeps its repository" in page
    assert "Kept unless replaced" in page
    assert 'value="fast"' in page
    assert "Nothing has changed." in page


def test_no_secret_is_in_any_answer(live: Release, owner_client: Client, tmp_path: Path) -> None:
    answers = [
        owner_client.get(address(live)),
        owner_client.get(f"{address(live)}?port=8000&variable=KEY&tab=variables"),
    ]
    for action in ("deploy", "preview", "connect", "add_row"):
        for headers in ({}, HTMX):
            answers.append(owner_client.post(address(live), data(live, action=action, port="0"), headers=headers))
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        assert not [secret for secret in SECRETS if secret in answer.content]


def test_deploy_makes_a_release_of_the_edited_copy(cast: Cast, live: Release, developer_client: Client) -> None:
    response = post(developer_client, live, port="4000", instances="2")
    made = Release.objects.get(trigger=Trigger.EDIT)
    assert response["Location"] == made.get_absolute_url()
    assert (made.settings.port, made.settings.instances) == (4000, 2)
    assert (made.commit_sha, made.based_on, made.requested_by) == (live.commit_sha, live, cast.developer)
    assert {row.key: row.value for row in made.variables} == {"TOKEN": "st0red-secret", "MODE": "fast"}
    assert made.credentials == live.credentials
    service = Service.objects.get()
    assert service.build.port == 4000


def test_secrets_and_credentials_are_replaced_and_removed(live: Release, owner_client: Client) -> None:
    changes = {"variables-1-value": "fresh", "token": "new-token", "remove_deploy_key": "on"}
    assert post(owner_client, live, **changes).status_code == 302
    made = Release.objects.get(trigger=Trigger.EDIT)
    assert {row.key: row.value for row in made.variables}["TOKEN"] == "fresh"
    assert made.credentials == Credentials(token="new-token")


def test_nothing_changed_is_said_and_nothing_done(live: Release, owner_client: Client) -> None:
    response = post(owner_client, live)
    assert response.status_code == 200
    assert "Nothing has changed." in text(response)
    assert Release.objects.get() == live


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"port": "70000"}, "1 to 65535"),
        ({"branch": ""}, "Enter the name of a branch"),
        ({"subfolder": "../x"}, "inside the repository"),
        ({"variables-0-key": "1X"}, "cannot be a key"),
        ({"variables-1-key": "RENAMED"}, "to rename TOKEN"),
        ({"memory_mb": "7"}, "32 MB to 8 GB"),
    ],
)
def test_a_bad_field_changes_nothing_and_keeps_what_was_typed(
    live: Release, owner_client: Client, changes: dict[str, str], message: str
) -> None:
    response = post(owner_client, live, start_command="./typed", **changes)
    assert response.status_code == 200
    assert message in text(response)
    assert "They are marked" in text(response) and "Deploy shows" not in text(response)
    assert 'value="./typed"' in text(response)
    assert Release.objects.get() == live
    assert Service.objects.get().build.start_command == "python run.py"


def test_html_in_every_field_is_text(live: Release, owner_client: Client) -> None:
    evil = '"><script>alert(1)</script>'
    names = [name for name in data(live) if name not in ("action", "seen") and "_FORMS" not in name]
    page = text(post(owner_client, live, **dict.fromkeys(names, evil)))
    assert "<script>alert" not in page
    query = "&".join(f"{name}={evil}" for name in names)
    assert "<script>alert" not in text(owner_client.get(f"{address(live)}?{query}"))


def test_a_double_click_makes_one_release(live: Release, owner_client: Client) -> None:
    press = data(live, port="4000")
    first, second = (owner_client.post(address(live), press)["Location"] for _ in range(2))
    assert first == second
    assert Release.objects.count() == 2


def test_a_page_from_the_history_asks_before_it_deploys_again(live: Release, owner_client: Client) -> None:
    press = data(live, port="4000")
    owner_client.post(address(live), press)
    again = owner_client.post(address(live), {**press, "port": "5000"})
    assert "Release #2 was made while this page was open" in text(again)
    assert press["request_id"] not in text(again)
    assert Service.objects.get().build.port == 4000


def test_a_page_that_others_overtook_says_so_once(cast: Cast, live: Release, owner_client: Client) -> None:
    press = data(live, port="4000")
    make_release(live.service, Status.DEPLOYING, requested_by=cast.developer)
    overtaken = text(owner_client.post(address(live), press))
    assert "Release #2 was made while this page was open" in overtaken and "by developer" in overtaken
    assert 'name="seen" value="2"' in overtaken
    assert not Release.objects.filter(trigger=Trigger.EDIT).exists()
    assert owner_client.post(address(live), {**press, "seen": "2"}).status_code == 302


@pytest.mark.parametrize("sent", [{"seen": "x"}, {"seen": "-1"}, {"request_id": "x"}, {"seen": "9" * 5000}])
def test_a_form_that_was_tampered_with_asks_again(live: Release, owner_client: Client, sent: dict[str, str]) -> None:
    assert "was made while this page was open" in text(post(owner_client, live, port="4000", **sent))
    assert Release.objects.get() == live


def test_the_request_of_another_service_is_refused(cast: Cast, live: Release, owner_client: Client) -> None:
    other = make_release(make_service(cast.environment, "other"))
    press = data(live, port="4000")
    Release.objects.filter(pk=other.pk).update(request_id=press["request_id"])
    assert "out of date" in text(owner_client.post(address(live), press))
    assert Service.objects.get(name="web").build.port == 3000


def test_a_refusal_stands_on_the_form(live: Release, owner_client: Client) -> None:
    Region.objects.update(gate=Gate.DRAINING, gate_reason="The disk is being replaced")
    page = text(post(owner_client, live, port="4000"))
    assert "The disk is being replaced" in page and 'value="4000"' in page
    assert Release.objects.get() == live
    assert Service.objects.get().build.port == 3000


def preview(client: Client, release: Release, **changes: str) -> str:
    response = client.post(address(release), data(release, action="preview", **changes), headers=HTMX)
    assert not [secret for secret in SECRETS if secret in response.content]
    return text(response)  # type: ignore[arg-type]


def make_artifact(release: Release) -> Artifact:
    made = Artifact.objects.create(
        service=release.service,
        name=f"kh/{uuid4()}",
        digest="sha256:1",
        size=1,
        commit_sha=release.commit_sha,
        build_key=uuid4().hex,
    )
    Release.objects.filter(pk=release.pk).update(artifact=made)
    return made


def test_what_deploy_will_do_is_said_from_facts(live: Release, owner_client: Client) -> None:
    artifact = make_artifact(live)
    commit = live.short_sha
    assert "Nothing has changed." in preview(owner_client, live)
    assert "Only run-time settings changed: the build is reused." in preview(owner_client, live, port="4000")
    assert f"The commit stays {commit}." in preview(owner_client, live, dotenv="A=1")
    again = preview(owner_client, live, build_command="make")
    assert f"Build settings changed: commit {commit} is built again." in again
    branch = preview(owner_client, live, branch="next", port="4000")
    assert "Branch changed: the newest commit of next is built." in branch and "stays" not in branch
    unreadable = preview(owner_client, live, port="0")
    assert "Some fields cannot be used" in unreadable and "Deploy shows which ones." in unreadable
    Artifact.objects.filter(pk=artifact.pk).update(pruned_at=live.live_at)
    assert f"No build of commit {commit} is stored" in preview(owner_client, live, port="4000")


def test_a_build_of_an_earlier_release_counts(live: Release, owner_client: Client) -> None:
    make_artifact(live)
    frozen = {**live.frozen, "build_command": "make"}
    other = make_release(live.service, Status.FAILED, frozen=frozen, commit_sha=live.commit_sha)
    make_artifact(other)
    assert "was built with these settings before" in preview(owner_client, live, build_command="make")
    Release.objects.filter(pk=other.pk).update(commit_sha="f" * 40)
    assert "is built again" in preview(owner_client, live, build_command="make")


def test_a_release_that_never_got_a_commit_takes_the_newest(live: Release, owner_client: Client) -> None:
    failed = make_release(live.service, Status.FAILED, commit_sha="")
    assert "The newest commit of main is built." in preview(owner_client, failed, port="4000")


def test_connect_uses_what_is_stored_without_showing_it(
    cast: Cast, owner_client: Client, tmp_path: Path, settings: Any
) -> None:
    settings.GIT_PROTOCOLS, settings.GIT_PRIVATE_HOSTS = ("http",), True
    git(make_repository(tmp_path / "web", {"run.py": "app.run(port=5000)"}), "branch", "next")
    with serve(tmp_path, "st0red-token") as server:
        service = make_service(
            cast.environment, "web", repository_url=f"{server}web", credentials=Credentials(token="st0red-token")
        )
        release = make_release(service, Status.LIVE)
        sent = data(release, action="connect", branch="", port="4000", repository_url="https://evil.example.com/x.git")
        right = owner_client.post(address(release), sent, headers=HTMX)
        wrong = owner_client.post(address(release), {**sent, "token": "wrong"}, headers=HTMX)
    part = right.content.decode()
    assert part.strip().startswith('<div id="fields"')
    assert "Connected." in part and '<option value="next">' in part and 'value="main"' in part
    assert 'value="4000"' in part and "Detected" not in part
    assert "Connected." not in wrong.content.decode()
    for answer in (right, wrong):
        assert not [secret for secret in SECRETS if secret in answer.content]


def test_connect_says_what_is_wrong_at_its_field(live: Release, owner_client: Client) -> None:
    Release.objects.filter(pk=live.pk).update(frozen={**live.frozen, "repository_url": "git@git.invalid:team/web.git"})
    page = text(post(owner_client, live, action="connect"))
    assert "access token works with https" in page


def test_another_row_without_scripts(live: Release, owner_client: Client) -> None:
    page = text(post(owner_client, live, action="add_row", port="4000"))
    assert 'name="variables-2-key"' in page
    assert 'name="variables-1-stored" value="TOKEN"' in page
    assert 'value="4000"' in page


def test_a_suspended_service_is_said_to_start_again(live: Release, owner_client: Client) -> None:
    live.transition(Status.LIVE, Status.SUSPENDED)
    assert "Deploy starts it again" in text(owner_client.get(address(live)))


def test_who_may(cast: Cast, live: Release, logged_in: LoggedIn) -> None:
    pages = [address(live), reverse("service_edit", args=[cast.environment.code, "web"])]
    expected = {cast.owner: 200, cast.developer: 200, cast.viewer: 403, cast.stranger: 404, cast.operator: 404}
    for user, status in expected.items():
        client = logged_in(user)
        assert [client.get(page, follow=True).status_code for page in pages] == [status, status], user
        assert client.post(address(live), data(live)).status_code == status, user
    assert Client().get(address(live)).status_code == 302
    assert logged_in(cast.owner).get(address(live).replace("/1/", "/9/")).status_code == 404
