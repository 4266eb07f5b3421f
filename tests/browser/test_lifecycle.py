"""The Settings tab's questions, and Trigger Deploy's, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from releases.models import Release, Status, Trigger
from services.models import Service
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn, session_cookie
from tests.factories import Cast, make_release, make_service
from tests.repository.repositories import git, make_repository


def open_settings(page: Page, live_server: Any, cast: Cast) -> Page:
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/web/")
    page.get_by_role("navigation", name="web").get_by_role("link", name="Settings").click()
    expect(page.get_by_role("heading", name="Danger Zone")).to_be_visible()
    return page


def test_settings_are_saved(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_release(make_service(cast.environment, "web"))
    page = open_settings(logged_in_page(cast.owner), live_server, cast)
    assert violations(page) == []
    page.get_by_label("Builds to keep").fill("99")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Enter a number from 1 to 50.")).to_be_visible()
    page.get_by_label("Builds to keep").fill("5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("the last 5 builds are kept")).to_be_visible()


def test_suspend_asks_and_resume_brings_it_back(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_release(make_service(cast.environment, "web"))
    page = open_settings(logged_in_page(cast.owner), live_server, cast)
    page.get_by_role("link", name="Suspend").click()
    dialog = page.get_by_role("dialog", name="Suspend web?")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert Release.objects.get().status == Status.LIVE
    page.get_by_role("link", name="Suspend").click()
    dialog.get_by_role("button", name="Suspend").click()
    expect(page.get_by_text("web is suspended.")).to_be_visible()
    expect(page.get_by_role("button", name="Trigger Deploy")).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("link", name="Resume").click()
    page.get_by_role("dialog", name="Resume web?").get_by_role("button", name="Resume").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("web #2")
    assert Release.objects.get(number=2).trigger == Trigger.RESUME


def test_restart_asks(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_release(make_service(cast.environment, "web"))
    page = open_settings(logged_in_page(cast.owner), live_server, cast)
    page.get_by_role("link", name="Restart").click()
    page.get_by_role("dialog", name="Restart web?").get_by_role("button", name="Restart").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("web #2")
    assert Release.objects.count() == 2


def test_delete_asks_for_the_name(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_release(make_service(cast.environment, "web"))
    page = open_settings(logged_in_page(cast.owner), live_server, cast)
    page.get_by_role("link", name="Delete Service").click()
    dialog = page.get_by_role("dialog", name="Delete web?")
    dialog.get_by_label("Name of the service").fill("other")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("This is not the name.")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Delete Service").click()
    dialog.get_by_label("Name of the service").fill("web")
    dialog.get_by_role("button", name="Delete Service").click()
    expect(page.get_by_text("web is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="No service here yet")).to_be_visible()
    assert not Service.objects.present().exists()


def test_questions_without_scripts(browser: Browser, live_server: Any, cast: Cast) -> None:
    make_release(make_service(cast.environment, "web"))
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session_cookie(cast.owner, live_server.url)])
    page = open_settings(context.new_page(), live_server, cast)
    page.get_by_role("link", name="Suspend").click()
    page.get_by_role("dialog", name="Suspend web?").get_by_role("button", name="Suspend").click()
    expect(page.get_by_text("web is suspended.")).to_be_visible()
    page.get_by_role("link", name="Delete Service").click()
    page.get_by_label("Name of the service").fill("web")
    page.keyboard.press("Enter")
    expect(page.get_by_text("web is deleted.")).to_be_visible()
    context.close()


def test_viewers_look_only(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_release(make_service(cast.environment, "web"))
    page = logged_in_page(cast.viewer)
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/web/settings/")
    expect(page.get_by_text("You can look at these settings.")).to_be_visible()
    assert violations(page) == []


def test_nothing_new_is_said_and_can_be_overruled(
    logged_in_page: LogIn, live_server: Any, cast: Cast, tmp_path: Path
) -> None:
    repository = make_repository(Path(settings.LOCAL_REPOSITORIES) / tmp_path.name / "web", {"run.py": "1"})
    service = make_service(cast.environment, "web", repository_url=f"file://{repository}")
    make_release(service, commit_sha=git(repository, "rev-parse", "HEAD"))
    page = logged_in_page(cast.owner)
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/web/")
    page.get_by_role("button", name="Trigger Deploy").click()
    expect(page.get_by_role("heading", name="Nothing new on main")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Deploy anyway").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("web #2")
    assert Release.objects.count() == 2


def test_both_buttons_are_reachable_on_a_phone(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    make_release(make_service(cast.environment, "web"))
    page = logged_in_page(cast.owner)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/web/")
    for button in (page.get_by_role("link", name="Edit Service"), page.get_by_role("button", name="Trigger Deploy")):
        expect(button).to_be_in_viewport(ratio=1)
