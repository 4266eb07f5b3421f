"""Abort, Rollback, the queue and the receipt as a person meets them. Nothing carries releases out here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from releases.models import Artifact, LogStream, Release, Resource, ResourceKind, Status, Trigger
from releases.pipeline import end_aborted, note_who_serves
from services.models import Service
from services.settings import Variable
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn, session_cookie
from tests.factories import Cast, make_release, make_service, make_settings


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web")


def release_of(service: Service, status: Status, **fields: object) -> Release:
    release = make_release(service, status, **fields)
    LogStream.objects.create(release=release, closed_at=timezone.now() if release.is_finished else None)
    return release


def releases_tab(page: Page, live_server: Any, service: Service) -> Page:
    page.goto(f"{live_server.url}/environments/{service.environment.code}/services/web/releases/")
    return page


def row_menu(page: Page, number: int) -> Locator:
    """The open menu of a row."""
    page.get_by_label(f"Actions of release #{number}").click()
    return page.locator("details.menu[open] .menu-panel")


def finish_abort(release: Release) -> None:
    """What the pipeline does when it finds the abort."""
    Resource.objects.filter(release=release).update(removed_at=timezone.now())
    end_aborted(release)
    note_who_serves(release)
    LogStream.objects.filter(release=release).update(closed_at=timezone.now())


def test_abort_from_the_release_page(logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service) -> None:
    release_of(service, Status.LIVE)
    release = release_of(service, Status.DEPLOYING)
    for kind, name in ((ResourceKind.IMAGE, "kh-1234-image:2"), (ResourceKind.INSTANCE, "kh-1234-web-2-1")):
        Resource.objects.create(release=release, kind=kind, name=name)
    page = logged_in_page(cast.owner)
    page.goto(live_server.url + release.get_absolute_url())
    button = page.get_by_role("link", name="Abort")
    expect(button).to_be_visible()
    assert violations(page) == []
    button.click()
    dialog = page.get_by_role("dialog", name="Abort release #2 of web?")
    expect(dialog).to_be_visible()
    page.wait_for_timeout(1500)  # longer than the page takes to renew itself
    expect(dialog).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    assert Release.objects.get(pk=release.pk).status == Status.DEPLOYING
    button.click()
    dialog.get_by_role("button", name="Abort").dblclick()
    expect(page.locator("#release[data-status=aborting]")).to_be_visible()
    expect(button).to_have_count(0)
    expect(page.get_by_text("Being removed", exact=True)).to_have_count(2)
    expect(page.get_by_text("Release #1 still serves.")).to_be_visible()
    assert violations(page) == []
    finish_abort(release)
    expect(page.locator("#release[data-status=aborted]")).to_be_visible()
    receipt = page.get_by_role("region", name="Receipt")
    expect(receipt.get_by_text("Removed", exact=True)).to_have_count(2)
    expect(receipt.get_by_text("kh-1234-web-2-1")).to_be_visible()
    assert violations(page) == []


def test_a_press_that_lasts_is_not_lost_to_a_renewal(
    logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service
) -> None:
    release = release_of(service, Status.DEPLOYING)
    page = logged_in_page(cast.owner)
    page.goto(live_server.url + release.get_absolute_url())
    page.get_by_role("link", name="Abort").hover()
    page.mouse.down()
    page.wait_for_timeout(2500)  # longer than the page takes to renew itself
    page.mouse.up()
    expect(page.get_by_role("dialog", name=f"Abort release #{release.number} of web?")).to_be_visible()


def test_abort_from_the_releases_tab_by_keyboard(
    logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service
) -> None:
    release = release_of(service, Status.QUEUED)
    page = releases_tab(logged_in_page(cast.developer), live_server, service)
    menu = page.get_by_label("Actions of release #1")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="View Logs")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="View Logs")).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    for _ in ("View Logs", "Edit Release", "Abort"):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Abort")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Abort release #1 of web?")
    expect(dialog).to_be_visible()
    page.wait_for_timeout(2500)  # longer than the table takes to renew itself
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Keep Deploying").click()
    expect(dialog).to_be_hidden()
    expect(menu).to_be_focused()
    row_menu(page, 1).get_by_role("link", name="Abort").click()
    dialog.get_by_role("button", name="Abort").click()
    expect(page.locator("#release[data-status=aborted]")).to_be_visible()
    expect(page.get_by_text("Aborted at once")).to_be_visible()
    expect(page.get_by_text("there was nothing to remove")).to_be_visible()
    assert Release.objects.get(pk=release.pk).status == Status.ABORTED


def test_after_the_switch_abort_is_gone_and_rollback_is_there(
    logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service
) -> None:
    before = release_of(service, Status.LIVE)
    release = release_of(service, Status.DEPLOYING)
    page = logged_in_page(cast.owner)
    page.goto(live_server.url + release.get_absolute_url())
    expect(page.get_by_role("link", name="Abort")).to_be_visible()
    now = timezone.now()
    before.transition(Status.LIVE, Status.RETIRED, retired_at=now)
    release.transition(Status.DEPLOYING, Status.LIVE, live_at=now, finished_at=now)
    expect(page.get_by_role("link", name="Abort")).to_have_count(0)
    expect(page.get_by_role("link", name="Rollback to #1")).to_be_visible()
    assert violations(page) == []


def test_an_abort_that_comes_too_late_says_so(
    logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service
) -> None:
    release = release_of(service, Status.DEPLOYING)
    page = logged_in_page(cast.owner)
    page.goto(live_server.url + release.get_absolute_url())
    page.get_by_role("link", name="Abort").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    release.transition(Status.DEPLOYING, Status.LIVE, live_at=timezone.now(), finished_at=timezone.now())
    dialog.get_by_role("button", name="Abort").click()
    expect(page.get_by_text("Release #1 is live already. Use Rollback to go back.")).to_be_visible()


def history(service: Service) -> Release:
    """One to go back to, one that is live; they differ in code, settings and variables."""
    stored = Artifact.objects.create(service=service, name="image:1", digest="sha256:1", size=1)
    old = {"frozen": make_settings(start_command="python old.py").as_json()}
    old["frozen_variables"] = [vars(Variable("MODE", "s3cret-old")), vars(Variable("GONE", "s3cret-old"))]
    new = {"frozen": make_settings(port=4000, instances=3, start_command="python " + "x" * 200).as_json()}
    new["frozen_variables"] = [vars(Variable("MODE", "s3cret-new")), vars(Variable("FRESH", "s3cret-new"))]
    target = release_of(service, Status.RETIRED, artifact=stored, commit_subject="The old way", **old)
    for number in range(3):
        release_of(service, Status.RETIRED, commit_subject=f"Step {number} " + "of many " * 10)
    release_of(service, Status.LIVE, commit_subject="The new way", **new)
    return target


@pytest.mark.parametrize(("choice", "port"), [("As released", 3000), ("Current", 4000)])
def test_rollback_with_both_choices(
    logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service, choice: str, port: int
) -> None:
    target = history(service)
    page = releases_tab(logged_in_page(cast.owner), live_server, service)
    row_menu(page, 1).get_by_role("link", name="Rollback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Roll back web to #1")
    page.wait_for_load_state()  # its scripts come last
    expect(page.get_by_role("row", name="Port 4000 3000")).to_be_visible()
    expect(page.get_by_text("No build: the stored artifact is used.")).to_be_visible()
    if choice == "Current":
        page.get_by_role("radio", name=choice).check()
        expect(page.get_by_text("No setting changes.")).to_be_visible()
        expect(page.get_by_text("No variable changes.")).to_be_visible()
        expect(page.get_by_role("radio", name=choice)).to_be_focused()
        assert page.url.endswith("?configuration=current")
    else:
        expect(page.get_by_role("listitem").filter(has_text="GONE")).to_contain_text("added")
    assert violations(page) == []
    assert "s3cret" not in page.content()
    page.get_by_role("button", name="Rollback").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("web #6")
    expect(page.get_by_text("Rollback to #1")).to_be_visible()
    made = Release.objects.get(trigger=Trigger.ROLLBACK)
    assert (made.based_on, made.settings.port) == (target, port)


def test_a_choice_that_is_not_answered_yet_cannot_be_confirmed(
    logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service
) -> None:
    target = history(service)
    page = logged_in_page(cast.owner)
    page.goto(f"{live_server.url}{target.get_absolute_url()}rollback")
    held: list[Any] = []
    page.route("**/rollback?configuration=current", lambda route: held.append(route))
    page.get_by_role("radio", name="Current").check()
    expect(page.get_by_role("button", name="Rollback")).to_be_disabled()
    held[0].continue_()
    expect(page.get_by_role("button", name="Rollback")).to_be_enabled()
    expect(page.get_by_text("No setting changes.")).to_be_visible()


def test_without_scripts(browser: Browser, live_server: Any, cast: Cast, service: Service) -> None:
    history(service)
    release_of(service, Status.QUEUED)
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([session_cookie(cast.owner, live_server.url)])
    page = releases_tab(context.new_page(), live_server, service)
    row_menu(page, 6).get_by_role("link", name="Abort").click()
    page.get_by_role("link", name="Keep Deploying").click()
    page.get_by_role("link", name="Abort").click()
    page.get_by_role("button", name="Abort").click()
    expect(page.get_by_text("Aborted at once")).to_be_visible()
    releases_tab(page, live_server, service)
    row_menu(page, 1).get_by_role("link", name="Rollback").click()
    page.get_by_role("radio", name="Current").check()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_text("No setting changes.")).to_be_visible()
    page.get_by_role("button", name="Rollback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("web #7")
    assert Release.objects.get(number=7).settings.port == 4000
    context.close()


def test_superseded_is_shown_with_its_successor(
    logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service
) -> None:
    newer = release_of(service, Status.QUEUED)
    ended = {"superseded_by": newer, "finished_at": timezone.now()}
    release_of(service, Status.SUPERSEDED, **ended)
    page = releases_tab(logged_in_page(cast.viewer), live_server, service)
    row = page.get_by_role("row").filter(has_text="Superseded")
    expect(row).to_contain_text("by #1")
    assert violations(page) == []
    row.get_by_role("link", name="#2").click()
    expect(page.get_by_text("Superseded by #1")).to_be_visible()
    assert violations(page) == []
    page.get_by_text("Superseded by #1").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("web #1")


def test_the_queue_card_is_live(logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service) -> None:
    other = make_service(cast.environment, "other")
    ahead = release_of(other, Status.QUEUED, queued_at=timezone.now() - timedelta(minutes=7))
    release = release_of(service, Status.QUEUED)
    page = logged_in_page(cast.owner)
    page.goto(live_server.url + release.get_absolute_url())
    expect(page.get_by_text("2nd in region")).to_be_visible()
    assert violations(page) == []
    ahead.transition(Status.QUEUED, Status.ABORTED, finished_at=timezone.now())
    expect(page.get_by_text("1st in region")).to_be_visible()
    moved = {"moved_up_at": timezone.now(), "moved_up_reason": "The shop is down"}
    Release.objects.filter(pk=release.pk).update(**moved)
    expect(page.get_by_text("An operator moved it up: The shop is down")).to_be_visible()


def test_the_menu_of_the_last_row_on_a_phone(
    logged_in_page: LogIn, live_server: Any, cast: Cast, service: Service
) -> None:
    history(service)
    page = logged_in_page(cast.owner)
    page.set_viewport_size({"width": 360, "height": 740})
    releases_tab(page, live_server, service)
    menu = row_menu(page, 1)
    for name in ("View Logs", "Edit Release", "Rollback"):
        item = menu.get_by_role("link", name=name)
        item.scroll_into_view_if_needed()
        expect(item).to_be_in_viewport(ratio=1)
