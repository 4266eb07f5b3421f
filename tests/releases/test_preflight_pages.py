"""The look before a deploy on each page that deploys: problems stop it, warnings can be passed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from releases.models import Release, Status, Trigger
from releases.views.edit import stored_of
from services.models import Service
from tests.factories import Cast, make_release, make_service
from tests.repository.repositories import commit, git, make_repository
from tests.repository.server import serve
from tests.services.forms import sent

FILES = {"requirements.txt": "flask\n", "run.py": "run(port=PORT)\n"}
ANYWAY = 'value="anyway"'


@pytest.fixture
def repository(cast: Cast, settings: Any, tmp_path: Path) -> Path:
    settings.PREFLIGHT_SECONDS = 60
    settings.LOCAL_REPOSITORIES = str(tmp_path)
    settings.DATA_DIR = tmp_path / "data"
    return make_repository(tmp_path / "web", FILES)


def text(response: HttpResponse) -> str:
    return response.content.decode()


def create(client: Client, cast: Cast, repository: Path, **changes: Any) -> HttpResponse:
    data = sent(repository_url=f"file://{repository}", **changes)
    return client.post(reverse("service_create", args=[cast.environment.code]), data)  # type: ignore[return-value]


def test_create_deploys_where_all_is_well(cast: Cast, owner_client: Client, repository: Path) -> None:
    assert create(owner_client, cast, repository).status_code == 302


@pytest.mark.parametrize("action", ["deploy", "anyway"])
def test_create_shows_a_problem_at_its_field(cast: Cast, owner_client: Client, repository: Path, action: str) -> None:
    page = text(create(owner_client, cast, repository, branch="mian", action=action))
    assert "Did you mean “main”" in page
    assert "id_branch_error" in page
    assert ANYWAY not in page
    assert not Service.objects.exists()


def test_create_keeps_what_was_typed_and_offers_to_pass_a_warning(
    cast: Cast, owner_client: Client, repository: Path
) -> None:
    page = text(create(owner_client, cast, repository, build_command="npm ci", start_command="python x.py"))
    assert "package-lock.json or npm-shrinkwrap.json, which is not in the repository" in page
    assert ANYWAY in page and 'value="npm ci"' in page and 'value="python x.py"' in page
    assert not Service.objects.exists()
    assert create(owner_client, cast, repository, build_command="npm ci", action="anyway").status_code == 302
    assert Release.objects.get().settings.build_command == "npm ci"


def test_create_says_what_was_not_checked_and_deploys(
    cast: Cast, owner_client: Client, repository: Path, settings: Any
) -> None:
    settings.PREFLIGHT_SECONDS = 1
    settings.GIT_PROTOCOLS = ("http",)
    settings.GIT_PRIVATE_HOSTS = True
    with serve(repository.parent, before=lambda: time.sleep(3)) as url:
        data = sent(repository_url=f"{url}web")
        response = owner_client.post(reverse("service_create", args=[cast.environment.code]), data, follow=True)
    assert Release.objects.get().status == Status.QUEUED
    assert "not checked" in text(response)  # type: ignore[arg-type]


@pytest.fixture
def live(cast: Cast, repository: Path) -> Release:
    service = make_service(cast.environment, "web", repository_url=f"file://{repository}")
    return make_release(service, Status.LIVE, commit_sha=git(repository, "rev-parse", "HEAD"))


def edit(client: Client, release: Release, **changes: str) -> HttpResponse:
    service = release.service
    sent = {"action": "deploy", "request_id": str(uuid4()), "seen": str(service.last_release_number)}
    data = {**stored_of(release).as_sent({}).dict(), **sent, **changes}
    address = reverse("release_edit", args=[service.environment.code, service.name, release.number])
    return client.post(address, data)  # type: ignore[return-value]


def test_edit_shows_a_problem_at_its_field(live: Release, owner_client: Client) -> None:
    page = text(edit(owner_client, live, branch="mian"))
    assert "Did you mean “main”" in page and "id_branch_error" in page
    assert Release.objects.count() == 1


def test_edit_offers_to_pass_a_warning(live: Release, owner_client: Client) -> None:
    page = text(edit(owner_client, live, build_command="pip install -r other.txt"))
    assert "It installs from other.txt, which is not in the repository." in page
    assert ANYWAY in page and "pip install -r other.txt" in page
    assert Release.objects.count() == 1
    assert edit(owner_client, live, build_command="pip install -r other.txt", action="anyway").status_code == 302
    assert Release.objects.count() == 2


def trigger(client: Client, release: Release, **data: str) -> HttpResponse:
    service = release.service
    address = reverse("trigger_deploy", args=[service.environment.code, service.name])
    return client.post(address, {"request_id": str(uuid4()), **data})  # type: ignore[return-value]


def test_trigger_deploys_where_all_is_well(live: Release, owner_client: Client, repository: Path) -> None:
    commit(repository, {"run.py": "2"})
    assert trigger(owner_client, live).status_code == 302


@pytest.mark.parametrize("data", [{}, {"passed": "on"}])
def test_trigger_makes_nothing_that_would_fail(
    live: Release, owner_client: Client, repository: Path, data: dict[str, str]
) -> None:
    git(repository, "branch", "-m", "next")
    page = text(trigger(owner_client, live, **data))
    assert "web would fail to deploy" in page and "The repository has no branch “main”" in page
    assert 'name="passed"' not in page
    assert not Release.objects.filter(trigger=Trigger.TRIGGER).exists()


def test_trigger_offers_to_pass_a_warning(live: Release, owner_client: Client, repository: Path) -> None:
    git(repository, "rm", "--quiet", "requirements.txt")
    commit(repository, {"run.py": "2"})
    page = text(trigger(owner_client, live))
    assert "web may fail to deploy" in page and "requirements.txt, which is not in the repository" in page
    assert "This deploy has no downtime." in page and 'name="passed"' in page
    assert not Release.objects.filter(trigger=Trigger.TRIGGER).exists()
    assert trigger(owner_client, live, passed="on").status_code == 302


def test_a_second_press_finds_its_release_without_another_look(
    live: Release, owner_client: Client, repository: Path
) -> None:
    commit(repository, {"run.py": "2"})
    request_id = str(uuid4())
    first = trigger(owner_client, live, request_id=request_id)["Location"]
    git(repository, "branch", "-m", "next")
    assert trigger(owner_client, live, request_id=request_id)["Location"] == first
