"""The rollback page: what it tells before, what it never shows, and what the button does."""

from __future__ import annotations

from dataclasses import asdict
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from releases.models import Artifact, Release, Status, Trigger
from services.models import Gate, Region, Service
from services.settings import Credentials, Variable
from tests.conftest import LoggedIn
from tests.factories import Cast, make_release, make_service, make_settings

SECRETS = (b"0ld-value", b"n3w-value", b"k3pt-value", b"t0ken", b"d3ploy-key")


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web", credentials=Credentials(token="t0ken", deploy_key="d3ploy-key"))


def frozen(variables: list[Variable], **settings: object) -> dict[str, object]:
    return {"frozen": make_settings(**settings).as_json(), "frozen_variables": [asdict(row) for row in variables]}


@pytest.fixture
def old(service: Service) -> Release:
    """Number 1, which was live; 2 was between, 3 is live."""
    stored = Artifact.objects.create(service=service, name="image:1", digest="sha256:1", size=1)
    variables = [Variable("KEPT", "k3pt-value"), Variable("CHANGED", "0ld-value"), Variable("GONE", "0ld-value")]
    old = make_release(
        service, Status.RETIRED, commit_sha="a" * 40, commit_subject="Old", artifact=stored, **frozen(variables)
    )
    make_release(service, Status.RETIRED, commit_sha="b" * 40, commit_subject="<b>Between</b>", live_at=timezone.now())
    variables = [Variable("KEPT", "k3pt-value"), Variable("CHANGED", "n3w-value"), Variable("NEW", "n3w-value")]
    changed = frozen(variables, port=4000, instances=2, health_path="/<i>up</i>")
    make_release(service, Status.LIVE, commit_sha="c" * 40, commit_subject="Newest", **changed)
    return old


def address(release: Release) -> str:
    return release.get_absolute_url() + "rollback"


def shown(client: Client, release: Release, query: str = "", **headers: str) -> str:
    response = client.get(address(release) + query, headers=headers)
    assert response.status_code == 200
    assert "HX-Request" in response["Vary"]
    assert not [secret for secret in SECRETS if secret in response.content]
    return " ".join(response.content.decode().split())


def sent(**changes: object) -> dict[str, object]:
    return {"configuration": "as-released", "request_id": uuid4(), **changes}


def test_owners_and_developers_may_and_nobody_else(cast: Cast, logged_in: LoggedIn, old: Release) -> None:
    count = Release.objects.count()
    for name, code in {"viewer": 403, "stranger": 404, "operator": 404}.items():
        client = logged_in(getattr(cast, name))
        assert client.get(address(old)).status_code == code
        assert client.post(address(old), sent()).status_code == code
    assert Client().get(address(old))["Location"].startswith("/account/login/")
    assert Release.objects.count() == count
    for user in (cast.owner, cast.developer):
        assert logged_in(user).get(address(old)).status_code == 200
        assert logged_in(user).post(address(old), sent()).status_code == 302
    assert Release.objects.count() == count + 2


def test_as_released_tells_all_that_changes(old: Release, owner_client: Client) -> None:
    page = shown(owner_client, old)
    for words in (
        "Roll back web to #1",
        "release #3 serves until then",
        f'<code title="{"c" * 40}">ccccccc</code> Newest',
        f'<code title="{"a" * 40}">aaaaaaa</code> Old',
        "Commits that stop serving",
        "&lt;b&gt;Between&lt;/b&gt;",
        '<th scope="row">Port</th> <td><code class="break">4000</code></td> <td><code class="break">3000</code>',
        '<td><code class="break">/&lt;i&gt;up&lt;/i&gt;</code></td> <td><span class="mute">empty</span>',
        '<code class="break">GONE</code> <span class="tag ok">added</span>',
        '<code class="break">NEW</code> <span class="tag bad">removed</span>',
        '<code class="break">CHANGED</code> <span class="tag work">changed</span>',
        "1 instance afterwards",
        "<strong>No build:</strong> the stored artifact is used.",
        "will be held until somebody resumes them",
    ):
        assert words in page
    assert "KEPT" not in page


def test_current_keeps_what_is_set_now(old: Release, owner_client: Client) -> None:
    page = shown(owner_client, old, "?configuration=current", **{"HX-Request": "true"})
    assert "<html" not in page
    for words in (
        "No setting changes.",
        "No variable changes.",
        "2 instances afterwards",
        'name="configuration" value="current"',
    ):
        assert words in page


def test_an_unknown_choice_is_as_released(old: Release, owner_client: Client) -> None:
    assert 'name="configuration" value="as-released"' in shown(owner_client, old, "?configuration=<b>")


def test_a_pruned_artifact_is_told_before(old: Release, owner_client: Client) -> None:
    Artifact.objects.update(pruned_at=timezone.now())
    page = shown(owner_client, old)
    assert "<strong>Its artifact was pruned:</strong> commit <code>aaaaaaa</code> is built again." in page
    assert "No build" not in page


def test_the_same_commit_is_said_to_be_the_same(service: Service, owner_client: Client) -> None:
    old = make_release(service, Status.RETIRED, commit_sha="a" * 40)
    make_release(service, Status.LIVE, commit_sha="a" * 40)
    page = shown(owner_client, old)
    assert "the same commit" in page
    assert "Commits" not in page


def test_nothing_live_is_said(service: Service, owner_client: Client) -> None:
    old = make_release(service, Status.RETIRED)
    make_release(service, Status.SUSPENDED)
    page = shown(owner_client, old)
    assert "release #2, suspended; nothing is live" in page
    assert "serves until then" not in page


@pytest.mark.parametrize(("configuration", "port"), [("as-released", 3000), ("current", 4000)])
def test_rollback_leads_to_the_new_release(
    old: Release, service: Service, owner_client: Client, configuration: str, port: int
) -> None:
    response = owner_client.post(address(old), sent(configuration=configuration))
    made = Release.objects.get(number=4)
    assert response["Location"] == made.get_absolute_url()
    assert (made.trigger, made.based_on, made.commit_sha) == (Trigger.ROLLBACK, old, old.commit_sha)
    assert made.artifact == old.artifact
    assert made.settings.port == port
    service.refresh_from_db()
    assert service.automatic_deploys_held


def test_a_double_click_makes_one_release(old: Release, owner_client: Client) -> None:
    click = sent()
    first, second = (owner_client.post(address(old), click)["Location"] for _ in range(2))
    assert first == second
    assert Release.objects.filter(trigger=Trigger.ROLLBACK).count() == 1


def test_a_press_repeated_later_does_not_bring_old_settings_back_again(
    old: Release, service: Service, owner_client: Client
) -> None:
    click = sent()
    owner_client.post(address(old), click)
    Service.objects.update(automatic_deploys_held=False, instances=7)
    owner_client.post(address(old), click)
    service.refresh_from_db()
    assert (service.automatic_deploys_held, service.instances) == (False, 7)


@pytest.mark.parametrize(
    "changes", [{"request_id": ""}, {"request_id": "1"}, {"configuration": ""}, {"configuration": "newest"}]
)
def test_bad_input_rolls_nothing_back(old: Release, owner_client: Client, changes: dict[str, str]) -> None:
    page = owner_client.post(address(old), sent(**changes), follow=True).content.decode()
    assert "This page is out of date. Reload it and try again." in page
    assert Release.objects.count() == 3


def test_a_request_of_another_release_is_refused(old: Release, owner_client: Client) -> None:
    other = Release.objects.get(number=3).request_id
    page = owner_client.post(address(old), sent(request_id=other), follow=True).content.decode()
    assert "This page is out of date." in page
    assert Release.objects.count() == 3


@pytest.mark.parametrize(
    "status", [status for status in Status if status not in (Status.RETIRED, Status.QUEUED, Status.DEPLOYING)]
)
def test_one_that_cannot_be_rolled_back_to(cast: Cast, service: Service, owner_client: Client, status: Status) -> None:
    release = make_release(service, status)
    for answer in (
        owner_client.get(address(release), follow=True),
        owner_client.post(address(release), sent(), follow=True),
    ):
        assert answer.redirect_chain[0][0] == release.get_absolute_url()
        assert "Only a release that was live before can be rolled back to." in answer.content.decode()
    assert Release.objects.count() == 1


def test_a_draining_region_refuses_with_its_reason(old: Release, owner_client: Client) -> None:
    Region.objects.update(gate=Gate.DRAINING, gate_reason="New disks")
    page = owner_client.post(address(old), sent(), follow=True).content.decode()
    assert "which takes no new deploys: New disks." in page
    assert Release.objects.count() == 3
