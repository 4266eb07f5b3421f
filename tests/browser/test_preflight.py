"""The look before a deploy as a person meets it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page, expect

from releases.models import Release
from services.models import Service
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn
from tests.factories import Cast
from tests.repository.repositories import make_repository


@pytest.fixture
def repository(tmp_path: Path, settings: Any) -> Path:
    settings.PREFLIGHT_SECONDS = 60
    place = Path(django_settings.LOCAL_REPOSITORIES) / tmp_path.name
    return make_repository(place / "hello", {"requirements.txt": "flask\n", "run.py": "app.run(port=5000)\n"})


def connected(page: Page, live_server: Any, cast: Cast, repository: Path) -> None:
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/new")
    page.get_by_label("Repository URL").fill(f"file://{repository}")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_label("Service Name")).to_have_value("hello")


def test_a_warning_is_read_and_passed(logged_in_page: LogIn, live_server: Any, cast: Cast, repository: Path) -> None:
    page = logged_in_page(cast.owner)
    connected(page, live_server, cast, repository)
    page.get_by_label("Port").fill("8000")
    page.get_by_role("button", name="Deploy").click()
    warning = page.get_by_role("alert").filter(has_text="run.py listens on port 5000, but Port is set to 8000.")
    expect(warning).to_be_visible()
    assert violations(page) == []
    warning.get_by_role("link", name="Port").click()
    expect(page.get_by_label("Port")).to_be_visible()
    expect(page.get_by_label("Port")).to_have_value("8000")
    assert not Service.objects.exists()
    page.get_by_role("button", name="Deploy anyway").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hello")
    assert Release.objects.get().settings.port == 8000


def test_a_problem_stands_at_its_field_and_cannot_be_passed(
    logged_in_page: LogIn, live_server: Any, cast: Cast, repository: Path
) -> None:
    page = logged_in_page(cast.owner)
    connected(page, live_server, cast, repository)
    page.get_by_role("tab", name="Repository").click()
    page.get_by_label("Branch").fill("mian")
    page.get_by_role("button", name="Deploy").click()
    expect(page.locator("#id_branch_error")).to_contain_text("Did you mean “main”?")
    expect(page.get_by_label("Branch")).to_have_value("mian")
    expect(page.get_by_role("button", name="Deploy anyway")).to_have_count(0)
    page.get_by_label("Branch").fill("main")
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hello")
    assert Release.objects.get().settings.branch == "main"
