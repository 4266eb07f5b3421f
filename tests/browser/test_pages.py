"""Every page in a real browser: nothing axe can find, no sideways scrolling, no error in the console."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from releases.models import Status
from services.models import Availability
from services.settings import Variable
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn
from tests.factories import Cast, make_base_image, make_instance, make_release, make_service


def make_history(cast: Cast) -> None:
    """One service for every status, and one with a name as long as names get."""
    for number, status in enumerate(Status):
        service = make_service(cast.environment, f"service-{number}", variables=[Variable("KEY", "value")])
        make_release(service, status, requested_by=cast.owner)
    long = make_service(cast.environment, "a" + "-long-name" * 4 + "-really", start_command="python " + "x" * 300)
    live = make_release(long, Status.LIVE, commit_subject="s" * 200, commit_author="a" * 100)
    make_instance(live)
    make_release(long, Status.FAILED, reason="r" * 300)


def test_log_in(page: Page, live_server: Any, cast: Cast) -> None:
    page.goto(live_server.url)
    assert violations(page) == []


@pytest.mark.parametrize("path", ["account/password/change/", "account/logout/", "environments/new"])
def test_pages_of_the_account(logged_in_page: LogIn, live_server: Any, cast: Cast, path: str) -> None:
    page = logged_in_page(cast.owner)
    page.goto(f"{live_server.url}/{path}")
    assert violations(page) == []


def test_an_empty_environment(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    expect(page.get_by_role("heading", name="No service here yet")).to_be_visible()
    assert violations(page) == []


def test_the_service_list(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_history(cast)
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    assert violations(page) == []
    page.locator("summary").first.click()
    assert violations(page) == []


def test_the_overview(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_history(cast)
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    page.locator(".service-row a.name").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("long-name")
    assert violations(page) == []


def test_create_service(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_base_image("python", "3.15", Availability.UNAVAILABLE, "No registry answers.")
    page = logged_in_page(cast.owner)
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/new")
    for tab in ("Build Settings", "Repository", "Environment Variables", "Advanced"):
        page.get_by_role("tab", name=tab).click()
        assert violations(page) == []
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_text("Enter a name for the service.")).to_be_visible()
    assert violations(page) == []


def test_nothing_here(logged_in_page: LogIn, live_server: Any, cast: Cast, complaints: list[str]) -> None:
    page = logged_in_page(cast.owner)
    page.goto(f"{live_server.url}/nothing")
    assert violations(page) == []
    assert [text for text in complaints if "404" not in text] == []
    complaints.clear()  # Chromium reports the page's own status as an error
