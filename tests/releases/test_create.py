"""Create Service: Deploy makes a service and its first release, or nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from releases.models import Release, Status, Trigger
from services.models import EnvironmentVariable, Gate, Region, Service
from tests.conftest import LoggedIn
from tests.factories import Cast, make_service
from tests.services.forms import sent


def address(cast: Cast) -> str:
    return reverse("service_create", args=[cast.environment.code])


def deploy(client: Client, cast: Cast, *rows: tuple[str, str, bool], **changes: Any) -> HttpResponse:
    return client.post(address(cast), sent(*rows, **changes))  # type: ignore[return-value]


def test_deploy_makes_the_service_and_opens_its_release(cast: Cast, owner_client: Client) -> None:
    response = deploy(owner_client, cast, ("SECRET", "hunter2", True), token="t0ken", dotenv="FROM_FILE=1")
    service = Service.objects.get()
    release = Release.objects.get()
    assert response.headers["Location"] == reverse("release", args=[cast.environment.code, "web", 1])
    assert service.host == f"web-{cast.environment.code}.localhost"
    assert (release.status, release.trigger, release.requested_by) == (Status.QUEUED, Trigger.CREATE, cast.owner)
    assert release.settings.start_command == "python run.py"
    assert release.credentials.token == "t0ken"
    assert {variable.key: variable.value for variable in release.variables} == {"SECRET": "hunter2", "FROM_FILE": "1"}


def test_two_clicks_make_one_service(cast: Cast, owner_client: Client) -> None:
    data = sent()
    first, second = owner_client.post(address(cast), data), owner_client.post(address(cast), data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Release.objects.count() == 1


def test_the_request_of_somebody_else_gives_nothing_away(cast: Cast, owner_client: Client, logged_in: LoggedIn) -> None:
    data = sent()
    owner_client.post(address(cast), data)
    page = logged_in(cast.developer).post(address(cast), data).content.decode()
    assert "already has a service named" in page
    assert Release.objects.count() == 1
    response = logged_in(cast.developer).post(address(cast), {**data, "name": "other"})
    assert response.headers["Location"].endswith("/services/other/releases/1/")


def test_a_page_from_the_history_with_another_name_makes_another_service(cast: Cast, owner_client: Client) -> None:
    data = sent()
    owner_client.post(address(cast), data)
    response = owner_client.post(address(cast), {**data, "name": "other"})
    assert response.headers["Location"].endswith("/services/other/releases/1/")


def test_a_refusal_stands_on_the_form(cast: Cast, owner_client: Client) -> None:
    Region.objects.update(gate=Gate.DRAINING, gate_reason="The disk is being replaced")
    page = deploy(owner_client, cast, start_command="./mine").content.decode()
    assert "The disk is being replaced" in page and 'value="./mine"' in page
    assert not Service.objects.exists()


@pytest.mark.parametrize("request_id", ["", "x", "<b>"])
def test_a_broken_request_id_does_not_matter(cast: Cast, owner_client: Client, request_id: str) -> None:
    assert deploy(owner_client, cast, request_id=request_id).status_code == 302


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "n" * 200}, "3 to 48 characters"),
        ({"port": "0"}, "1 to 65535"),
        ({"port": "70000"}, "1 to 65535"),
        ({"memory_mb": "7"}, "32 MB to 8 GB"),
        ({"subfolder": "../x"}, "inside the repository"),
        ({"branch": ""}, "Enter the name of a branch"),
        ({"dotenv": "1X=2"}, "Line 1:"),
    ],
)
def test_a_bad_field_makes_nothing(cast: Cast, owner_client: Client, changes: dict[str, str], message: str) -> None:
    response = deploy(owner_client, cast, **changes)
    assert response.status_code == 200
    assert message in response.content.decode()
    assert not Service.objects.exists()
    assert not Release.objects.exists()


def test_a_bad_key_makes_nothing(cast: Cast, owner_client: Client) -> None:
    page = deploy(owner_client, cast, ("1BAD", "x", True)).content.decode()
    assert "cannot be a key" in page
    assert not EnvironmentVariable.objects.exists()


def test_a_name_that_is_taken_keeps_everything_else(cast: Cast, owner_client: Client) -> None:
    make_service(cast.environment, "web")
    page = deploy(owner_client, cast, start_command="./mine", token="t0ken").content.decode()
    assert "already has a service named “web”" in page
    assert 'value="./mine"' in page
    assert 'type="password" name="token" value="t0ken"' in page


def test_html_in_every_field_is_text(cast: Cast, owner_client: Client) -> None:
    evil = '"><script>alert(1)</script>'
    names = [
        "name",
        "repository_url",
        "branch",
        "subfolder",
        "token",
        "deploy_key",
        "language",
        "version",
        "dockerfile",
    ]
    names += ["build_command", "start_command", "port", "memory_mb", "cpu", "instances", "health_path", "dotenv"]
    changes = dict.fromkeys([*names, "deploy_timeout", "request_id", "proposed-name"], evil)
    page = deploy(owner_client, cast, (evil, evil, False), **changes).content.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 15


def test_html_in_the_commands_of_a_service_is_text_on_its_page(cast: Cast, owner_client: Client) -> None:
    deploy(owner_client, cast, build_command="<b>1</b>", start_command="<i>2</i>", health_path="/<u>")
    page = owner_client.get(reverse("service", args=[cast.environment.code, "web"])).content.decode()
    assert "&lt;b&gt;1" in page and "&lt;i&gt;2" in page and "/&lt;u&gt;" in page


def test_another_row_without_scripts(cast: Cast, owner_client: Client) -> None:
    page = deploy(owner_client, cast, ("A", "1", False), action="add_row", name="").content.decode()
    assert 'name="variables-1-key"' in page
    assert 'value="A"' in page
    assert "Enter a name" not in page


def test_the_page_never_shows_what_is_stored(cast: Cast, owner_client: Client) -> None:
    deploy(owner_client, cast, ("KEY", "st0red-value", True), token="st0red-token")
    for name in ("service", "environment"):
        arguments = [cast.environment.code, "web"] if name == "service" else [cast.environment.code]
        page = owner_client.get(reverse(name, args=arguments)).content.decode()
        assert "st0red" not in page


def test_developers_may_viewers_may_not_strangers_see_nothing(
    cast: Cast, developer_client: Client, viewer_client: Client, stranger_client: Client, anonymous_client: Client
) -> None:
    for client, status in ((viewer_client, 403), (stranger_client, 404), (anonymous_client, 302)):
        assert client.get(address(cast)).status_code == status
        assert deploy(client, cast).status_code == status
    assert not Service.objects.exists()
    assert developer_client.get(address(cast)).status_code == 200
    assert deploy(developer_client, cast, request_id=str(uuid4())).status_code == 302
