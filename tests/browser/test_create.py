"""Create Service as a person does it, with and without scripts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from releases.models import Release
from services.models import Service
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn, session_cookie
from tests.factories import Cast
from tests.repository.repositories import make_repository


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    place = Path(settings.LOCAL_REPOSITORIES) / tmp_path.name
    return make_repository(place / "hello", {"requirements.txt": "flask\n", "run.py": "app.run(port=5000)\n"})


def open_form(page: Page, live_server: Any, cast: Cast) -> None:
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/new")


def test_connect_fills_the_form_and_deploy_opens_the_release(
    logged_in_page: LogIn, live_server: Any, cast: Cast, repository: Path
) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    page.get_by_label("Repository URL").fill(f"file://{repository}")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("tab", name="Build Settings")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("Service Name")).to_have_value("hello")
    expect(page.get_by_label("Build Command")).to_have_value("pip install -r requirements.txt")
    expect(page.get_by_label("Port")).to_have_value("5000")
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hello")
    assert Release.objects.get().settings.branch == "main"


def test_a_double_click_on_deploy_makes_one_service(
    logged_in_page: LogIn, live_server: Any, cast: Cast, repository: Path
) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    page.get_by_label("Repository URL").fill(f"file://{repository}")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_label("Service Name")).to_have_value("hello")
    page.get_by_role("button", name="Deploy").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hello")
    assert Service.objects.count() == 1
    assert Release.objects.count() == 1


def test_what_is_wrong_stands_at_the_field_and_nothing_typed_is_lost(
    logged_in_page: LogIn, live_server: Any, cast: Cast
) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    page.get_by_label("Repository URL").fill("file:///etc")
    page.get_by_role("button", name="Connect").click()
    expect(page.locator("#id_repository_url_error")).to_contain_text("outside the place")
    expect(page.get_by_label("Repository URL")).to_have_value("file:///etc")
    expect(page.get_by_role("tab", name="Repository")).to_contain_text("1")


def test_the_first_tab_with_a_mistake_opens(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    page.get_by_role("tab", name="Advanced").click()
    page.get_by_label("Instances").fill("99")
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_role("tab", name="Build Settings")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Advanced").click()
    expect(page.get_by_text("Enter a number from 1 to 10.")).to_be_visible()


def test_tabs_by_the_keyboard(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    page.get_by_role("tab", name="Repository").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Environment Variables")).to_be_focused()
    expect(page.get_by_role("button", name="Add Variable")).to_be_visible()


def test_rows_of_variables_come_and_go(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    page.get_by_role("tab", name="Environment Variables").click()
    page.get_by_label("Key", exact=True).fill("FIRST")
    page.get_by_role("button", name="Add Variable").click()
    expect(page.get_by_label("Key", exact=True).nth(1)).to_be_focused()
    page.keyboard.type("SECOND")
    expect(page.get_by_label("Value", exact=True).first).to_have_attribute("type", "password")
    page.get_by_label("Secret", exact=True).first.uncheck()
    expect(page.get_by_label("Value", exact=True).first).to_have_attribute("type", "text")
    page.get_by_role("button", name="Remove this variable").first.click()
    expect(page.get_by_label("Key", exact=True).locator("visible=true")).to_have_count(1)


def test_only_fields_of_the_language_are_shown(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    page.get_by_role("tab", name="Build Settings").click()
    expect(page.get_by_label("Build Command")).to_be_hidden()
    page.get_by_label("Language", exact=True).select_option("python")
    expect(page.get_by_label("Start Command")).to_be_visible()
    expect(page.get_by_label("Language Version")).to_have_value("python:3.15")
    page.get_by_label("Language", exact=True).select_option("static")
    expect(page.get_by_label("Start Command")).to_be_hidden()
    expect(page.get_by_label("Build Command")).to_be_visible()


def test_no_answer_is_said(logged_in_page: LogIn, live_server: Any, cast: Cast, complaints: list[str]) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    page.route("**/services/connect", lambda route: route.abort())
    page.get_by_label("Repository URL").fill("https://git.example.com/a.git")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("KintoHub did not answer.")).to_be_visible()
    expect(page.get_by_role("button", name="Connect")).to_be_enabled()
    complaints.clear()  # the refused request itself


def test_everything_without_scripts(browser: Browser, live_server: Any, cast: Cast, repository: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session_cookie(cast.owner, live_server.url)])
    page = context.new_page()
    open_form(page, live_server, cast)
    page.get_by_label("Repository URL").fill(f"file://{repository}")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_label("Service Name")).to_have_value("hello")
    page.get_by_role("button", name="Add Variable").click()
    page.get_by_label("Key", exact=True).first.fill("GREETING")
    page.get_by_label("Value", exact=True).first.fill("hi")
    page.get_by_role("button", name="Deploy").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hello")
    assert [variable.key for variable in Release.objects.get().variables] == ["GREETING"]
    context.close()


def test_what_does_not_fit_is_said_as_soon_as_it_is_chosen(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    page = logged_in_page(cast.owner)
    open_form(page, live_server, cast)
    expect(page.get_by_text("This deploy has downtime.")).to_be_visible()
    page.get_by_role("tab", name="Advanced").click()
    page.get_by_label("Memory").select_option("8192")
    expect(page.get_by_text("This deploy will fail before anything is started.")).to_be_visible()
    expect(page.get_by_text("Not enough memory: it needs 8192 MB")).to_be_visible()
    assert violations(page) == []
