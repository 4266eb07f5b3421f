"""Connect: what the repository says fills the form; what is wrong with it stands at its field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import Cast
from tests.repository.repositories import git, make_repository
from tests.services.forms import sent

FILES = {
    "requirements.txt": "flask\n",
    "run.py": "app.run(port=5000)\n",
    "shop/package.json": '{"scripts": {"start": "x"}}',
}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def repositories(tmp_path: Path) -> Iterator[Path]:
    """A directory below the one where repositories on this machine are allowed."""
    directory = Path(settings.LOCAL_REPOSITORIES) / tmp_path.name
    directory.mkdir(parents=True)
    yield directory


@pytest.fixture
def repository(repositories: Path) -> Path:
    made = make_repository(repositories / "Hello_Web", FILES, "Say <b>hello</b>")
    git(made, "branch", "feature/x")
    return made


def connect(client: Client, cast: Cast, *rows: tuple[str, str, bool], **changes: str) -> str:
    fresh = {
        "name": "",
        "branch": "",
        "build_command": "",
        "start_command": "",
        "language": "dockerfile",
        "version": "",
    }
    data = sent(*rows, **{**fresh, "action": "connect", **changes})
    response = client.post(reverse("service_connect", args=[cast.environment.code]), data, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_what_was_detected_fills_the_form_with_its_reasons(cast: Cast, owner_client: Client, repository: Path) -> None:
    part = connect(owner_client, cast, repository_url=f"file://{repository}")
    assert '<option value="python" selected>' in part
    assert 'value="hello-web"' in part
    assert 'value="pip install -r requirements.txt"' in part
    assert 'value="5000"' in part
    assert "Detected: run.py names this port." in part
    assert 'value="main"' in part
    assert '<option value="feature/x">' in part


def test_the_answer_to_htmx_is_the_part_and_to_a_form_the_page(
    cast: Cast, owner_client: Client, repository: Path
) -> None:
    part = connect(owner_client, cast, repository_url=f"file://{repository}")
    assert part.strip().startswith('<div id="fields"')
    data = sent(repository_url=f"file://{repository}", action="connect")
    response = owner_client.post(reverse("service_connect", args=[cast.environment.code]), data)
    assert response.content.decode().strip().startswith("<!DOCTYPE html>")
    assert data["request_id"] in response.content.decode()
    assert response.headers["Vary"].count("HX-Request") == 1


def test_the_tab_with_the_proposals_opens(cast: Cast, owner_client: Client, repository: Path) -> None:
    part = connect(owner_client, cast, repository_url=f"file://{repository}")
    build = part[part.index('<section id="build"') :]
    assert "data-open" in build[: build.index(">")]


def test_a_commit_with_html_in_it_is_text(cast: Cast, owner_client: Client, repository: Path) -> None:
    part = connect(owner_client, cast, repository_url=f"file://{repository}")
    assert "Say &lt;b&gt;hello&lt;/b&gt;" in part


def test_what_a_person_typed_is_kept(cast: Cast, owner_client: Client, repository: Path) -> None:
    part = connect(
        owner_client,
        cast,
        ("MINE", "1", True),
        repository_url=f"file://{repository}",
        name="mine",
        start_command="./mine",
        memory_mb="1024",
        dotenv="PASTED=1",
    )
    for kept in ('value="mine"', 'value="./mine"', 'value="1024" selected', 'value="MINE"', "PASTED=1"):
        assert kept in part


def test_a_second_connect_replaces_what_the_first_proposed(cast: Cast, owner_client: Client, repository: Path) -> None:
    before = {"language": "python", "version": "python:3.13", "start_command": "python run.py", "port": "5000"}
    part = connect(
        owner_client,
        cast,
        repository_url=f"file://{repository}",
        subfolder="shop",
        **before,
        **{f"proposed-{name}": value for name, value in before.items()},
    )
    assert '<option value="nodejs" selected>' in part
    assert 'value="python run.py"' not in part


@pytest.mark.parametrize(
    ("field", "changes", "message"),
    [
        ("repository_url", {"repository_url": ""}, "Enter the address"),
        ("repository_url", {"repository_url": "<script>x</script>"}, "not a repository address"),
        ("repository_url", {"repository_url": "https://127.0.0.1/x.git"}, "private network"),
        ("repository_url", {"repository_url": "file:///etc"}, "outside the place"),
        ("deploy_key", {"repository_url": "git@git.invalid:a/b.git"}, "needs a deploy key"),
        ("token", {"repository_url": "https://git.invalid/a.git", "token": "a b"}, "has a space"),
        ("branch", {"branch": "nope"}, "nope"),
        ("branch", {"branch": "-x"}, "not a name"),
        ("subfolder", {"subfolder": "../x"}, "inside the repository"),
        ("subfolder", {"subfolder": "missing"}, "missing"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    cast: Cast, owner_client: Client, repository: Path, field: str, changes: dict[str, str], message: str
) -> None:
    part = connect(owner_client, cast, **{"repository_url": f"file://{repository}", **changes})
    start = part.index(f'id="id_{field}_error"')
    assert message in part[start : part.index("</div>", start)]
    assert "<script>x" not in part
    assert '<section id="repository"' in part[:start]


def test_an_empty_repository_says_what_to_do(cast: Cast, owner_client: Client, repositories: Path) -> None:
    part = connect(owner_client, cast, repository_url=f"file://{make_repository(repositories / 'empty')}")
    assert "Push a commit first" in part


def test_developers_may_viewers_may_not_strangers_see_nothing(
    cast: Cast, developer_client: Client, viewer_client: Client, stranger_client: Client, anonymous_client: Client
) -> None:
    address = reverse("service_connect", args=[cast.environment.code])
    answers = [client.post(address, sent()) for client in (viewer_client, stranger_client, anonymous_client)]
    assert [answer.status_code for answer in answers] == [403, 404, 302]
    assert "Enter the address" in connect(developer_client, cast, repository_url="")
    assert developer_client.get(address).status_code == 405
