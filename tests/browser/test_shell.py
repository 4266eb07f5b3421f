"""The shell: menus, theme, live rows, search."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from releases.models import Status
from tests.browser.conftest import LogIn
from tests.factories import PASSWORD, Cast, make_environment, make_release, make_service


def test_log_in_and_out(page: Page, live_server: Any, cast: Cast) -> None:
    page.goto(live_server.url)
    page.get_by_label("Username or email").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log In").click()
    expect(page.get_by_role("heading", name="staging")).to_be_visible()
    page.get_by_label("Account menu of owner").click()
    page.get_by_role("button", name="Log Out").click()
    expect(page.get_by_role("heading", name="Log in to KintoHub")).to_be_visible()


def test_the_switcher_leads_to_another_environment(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_environment(cast.owner, "zebra")
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    page.get_by_label("Choose another environment").click()
    page.get_by_role("link", name="zebra").click()
    expect(page.get_by_role("heading", name="zebra")).to_be_visible()


def test_escape_closes_a_menu_and_returns_the_focus(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    menu = page.get_by_label("Account menu of owner")
    menu.press("Enter")
    expect(page.get_by_role("link", name="Change Password")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Change Password")).to_be_hidden()
    expect(menu).to_be_focused()


def test_the_theme_is_kept(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    page.get_by_label("Account menu of owner").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_label("Account menu of owner").click()
    page.get_by_role("button", name="System").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


def test_rows_change_by_themselves_and_keep_the_focus(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    release = make_release(make_service(cast.environment, "web"), Status.DEPLOYING)
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    expect(page.get_by_text("Deploying", exact=True).first).to_be_visible()
    page.get_by_role("link", name="web", exact=True).focus()
    release.transition(Status.DEPLOYING, Status.LIVE)
    expect(page.locator(".badge", has_text="Live Version")).to_be_visible()
    expect(page.get_by_role("link", name="web", exact=True)).to_be_focused()


def test_search_with_the_keyboard(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    for number in range(11):
        make_service(cast.environment, f"service-{number}")
    make_service(cast.environment, "billing")
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("bill")
    expect(page.locator(".service-row")).to_have_count(1)
    page.wait_for_timeout(3500)  # the next refresh by itself searches for the same
    expect(page.locator(".service-row")).to_have_count(1)


def test_a_session_that_ends_leads_to_the_login_page(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_service(cast.environment, "web")
    page = logged_in_page(cast.owner)
    page.goto(live_server.url)
    expect(page.get_by_role("link", name="web", exact=True)).to_be_visible()
    page.context.clear_cookies()
    expect(page.get_by_role("heading", name="Log in to KintoHub")).to_be_visible(timeout=60_000)
    expect(page.get_by_label("Choose another environment")).to_have_count(0)
