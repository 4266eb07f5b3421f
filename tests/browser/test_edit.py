"""Edit Service as a person does it: Deploy wakes up with a change, leaving asks, what happens is told."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from releases.models import Release, Status, Trigger
from services.settings import Credentials, Variable
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn, session_cookie
from tests.factories import Cast, make_release, make_service


@pytest.fixture
def live(cast: Cast) -> Release:
    variables = [
        Variable("TOKEN", "st0red-secret"),
        Variable("MODE", "fast", is_secret=False),
        Variable("TEXT", "one\r\ntwo", is_secret=False),
    ]
    service = make_service(
        cast.environment, "web", variables=variables, credentials=Credentials(token="st0red-token"), instances=2
    )
    return make_release(service, Status.LIVE)


@pytest.fixture
def page_of_edit(logged_in_page: LogIn, live_server: Any, cast: Cast, live: Release) -> Page:
    page = logged_in_page(cast.owner)
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/web/")
    page.get_by_role("link", name="Edit Service").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edit Service")
    page.wait_for_load_state()  # its scripts come last
    return page


def test_deploy_is_offered_only_while_something_differs(page_of_edit: Page) -> None:
    page = page_of_edit
    deploy = page.get_by_role("button", name="Deploy", exact=True)
    expect(deploy).to_be_disabled()
    expect(page.get_by_text("Nothing has changed.")).to_be_visible()
    page.get_by_label("Port").fill("4000")
    expect(deploy).to_be_enabled()
    expect(page.get_by_text("No build of commit")).to_be_visible()
    page.get_by_label("Port").fill("3000")
    expect(deploy).to_be_disabled()
    expect(page.get_by_text("Nothing has changed.")).to_be_visible()
    page.get_by_label("Language", exact=True).select_option("nodejs")
    expect(deploy).to_be_enabled()
    page.get_by_label("Language", exact=True).select_option("python")
    expect(page.get_by_label("Language Version")).to_have_value("python:3.13")
    expect(deploy).to_be_disabled()


def test_variables_wake_it_up_too(page_of_edit: Page) -> None:
    page = page_of_edit
    deploy = page.get_by_role("button", name="Deploy", exact=True)
    page.get_by_role("tab", name="Environment Variables").click()
    expect(page.get_by_label("Value, kept unless replaced")).to_have_value("")
    page.get_by_label("Value, kept unless replaced").fill("fresh")
    expect(deploy).to_be_enabled()
    page.get_by_label("Value, kept unless replaced").fill("")
    expect(deploy).to_be_disabled()
    page.get_by_role("button", name="Remove this variable").first.click()
    expect(deploy).to_be_enabled()
    page.get_by_role("button", name="Add Variable").click()
    page.get_by_label("Secret", exact=True).locator("visible=true").last.uncheck()
    page.keyboard.press("Shift+Tab")
    page.get_by_label("Key", exact=True).locator("visible=true").last.fill("MODE")
    page.get_by_label("Value", exact=True).locator("visible=true").last.fill("fast")
    expect(deploy).to_be_disabled()


def test_leaving_a_changed_form_asks(page_of_edit: Page, live: Release) -> None:
    page = page_of_edit
    page.get_by_label("Port").fill("4000")
    page.get_by_role("link", name="Cancel").click()
    dialog = page.get_by_role("dialog", name="Discard your changes?")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Keep Editing").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Port")).to_have_value("4000")
    page.get_by_role("link", name="Cancel").click()
    dialog.get_by_role("button", name="Discard Changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("web")
    assert Release.objects.get() == live


def test_closing_a_changed_page_asks(page_of_edit: Page) -> None:
    page = page_of_edit
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == []
    page.get_by_label("Port").fill("4000")
    page.reload()
    assert asked == ["beforeunload"]


def test_an_unchanged_form_lets_go(page_of_edit: Page) -> None:
    page_of_edit.get_by_role("link", name="Cancel").click()
    expect(page_of_edit.get_by_role("heading", level=1)).to_have_text("web")


def test_deploy_opens_the_new_release(page_of_edit: Page) -> None:
    page = page_of_edit
    page.get_by_label("Port").fill("4000")
    page.get_by_role("button", name="Deploy", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("web #2")
    made = Release.objects.get(trigger=Trigger.EDIT)
    assert made.settings.port == 4000
    assert {row.key: row.value for row in made.variables}["TEXT"].splitlines() == ["one", "two"]


def test_after_a_mistake_deploy_stays_and_knows_where_it_started(page_of_edit: Page) -> None:
    page = page_of_edit
    page.get_by_label("Port").fill("70000")
    expect(page.get_by_text("Some fields cannot be used as they are.")).to_be_visible()
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.locator("#id_port_error")).to_be_visible()
    expect(page.get_by_role("button", name="Deploy", exact=True)).to_be_enabled()
    page.get_by_label("Port").fill("3000")
    expect(page.get_by_role("button", name="Deploy", exact=True)).to_be_disabled()


def test_a_proposal_is_a_change(logged_in_page: LogIn, live_server: Any, cast: Cast, live: Release) -> None:
    page = logged_in_page(cast.owner)
    page.goto(f"{live_server.url}{live.get_absolute_url()}edit?port=8000")
    expect(page.get_by_text("Proposed in place of 3000.")).to_be_visible()
    expect(page.get_by_role("button", name="Deploy", exact=True)).to_be_enabled()
    assert violations(page) == []


def test_a_variable_that_the_address_names_waits_for_its_value(
    logged_in_page: LogIn, live_server: Any, cast: Cast, live: Release
) -> None:
    page = logged_in_page(cast.owner)
    page.goto(f"{live_server.url}{live.get_absolute_url()}edit?variable=API_TOKEN&tab=variables")
    row = page.locator(".variable").filter(has=page.locator("input[value=API_TOKEN]"))
    expect(row.get_by_label("Value")).to_be_focused()
    page.keyboard.type("abc")
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("web #2")
    assert Variable("API_TOKEN", "abc") in Release.objects.order_by("-number")[0].variables


def test_every_tab_is_accessible(page_of_edit: Page) -> None:
    page = page_of_edit
    for tab in ("Build Settings", "Repository", "Environment Variables", "Advanced"):
        page.get_by_role("tab", name=tab).click()
        assert violations(page) == []


def test_without_scripts(browser: Browser, live_server: Any, cast: Cast, live: Release) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session_cookie(cast.owner, live_server.url)])
    page = context.new_page()
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/services/web/edit")
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.get_by_text("Nothing has changed.")).to_be_visible()
    assert Release.objects.count() == 1
    page.get_by_label("Port").fill("4000")
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("web #2")
    context.close()
