"""What axe says about the real pages, in both themes and at both widths; broken policies of content fail any test."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.accessibility import violations
from tests.e2e.dashboard import Dashboard
from tests.e2e.stack import Stack


def test_login(visitor: Page, stack: Stack) -> None:
    visitor.goto(stack.url)
    expect(visitor.get_by_role("button", name="Log In")).to_be_visible()
    assert violations(visitor) == []


def test_list_and_create_service(dashboard: Dashboard, stack: Stack) -> None:
    dashboard.open("production")
    assert violations(dashboard.page) == []
    dashboard.connect(stack.examples / "hello-node")
    for tab in ("Build Settings", "Repository", "Environment Variables", "Advanced"):
        dashboard.tab(tab).click()
        assert violations(dashboard.page) == [], tab


def test_a_live_release_and_its_service(dashboard: Dashboard) -> None:
    dashboard.open("production")
    dashboard.page.get_by_role("link", name="hello-python", exact=True).click()
    expect(dashboard.page.get_by_role("heading", level=1, name="hello-python")).to_be_visible()
    assert violations(dashboard.page) == []
    dashboard.open_tab_of_service("Releases")
    assert violations(dashboard.page) == []
    dashboard.page.get_by_role("link", name="#1", exact=True).click()
    expect(dashboard.page.locator(".log-row").first).to_be_visible()
    assert violations(dashboard.page) == []
