"""The card of a failed release as a person meets it. Nothing carries releases out here."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from releases.diagnosis.shortcut import NEWEST, RETRY, Shortcut, add_variable, deploy, edit
from releases.models import Diagnosis, LogStream, Release, Stage, Status, Trigger
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn
from tests.factories import Cast, make_release, make_service

ELSEWHERE = "The program (python) listens on port 5055, and the service's port is 3000."
SHORTCUTS = (deploy("Use port 5055", port="5055"), edit("Edit the port", "port", "5055"), NEWEST)


def deploying(cast: Cast) -> Release:
    service = make_service(cast.environment, "web")
    make_release(service, Status.LIVE)
    release = make_release(service, Status.DEPLOYING)
    LogStream.objects.create(release=release)
    return release


def fail(release: Release, sentence: str, *shortcuts: Shortcut, confidence: str = "high") -> None:
    """What the pipeline does, in its order."""
    evidence = [[41, '  File "/app/run.py", line 3, in <module>'], [42, f"{'very ' * 60}long line"]]
    rows = [shortcut.as_json() for shortcut in shortcuts]
    Diagnosis.objects.create(
        release=release,
        cause="listens-on-another-port",
        confidence=confidence,
        sentence=sentence,
        evidence=evidence,
        shortcuts=rows,
        seconds=0.2,
    )
    reason = "web-1 did not answer on port 3000 within 60 seconds: the connection was refused."
    release.transition(
        Status.DEPLOYING, Status.FAILED, failed_stage=Stage.CHECK, reason=reason, finished_at=timezone.now()
    )
    LogStream.objects.filter(release=release).update(closed_at=timezone.now())


def opened(page: Page, live_server: Any, release: Release) -> Page:
    page.goto(live_server.url + release.get_absolute_url())
    return page


def test_the_card_appears_by_itself_and_one_click_deploys(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    release = deploying(cast)
    page = opened(logged_in_page(cast.developer), live_server, release)
    expect(page.locator("#release")).to_have_attribute("data-status", "deploying")
    fail(release, ELSEWHERE, *SHORTCUTS)
    card = page.get_by_role("alert")
    expect(card.get_by_role("heading")).to_have_text(ELSEWHERE)
    expect(card).to_contain_text("Release #1 still serves.")
    expect(card.get_by_role("link", name="Line 42 of the log")).to_have_attribute("href", "#L42")
    assert violations(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    card.get_by_role("button", name="Use port 5055 and deploy").dblclick()
    page.wait_for_url("**/releases/3/")
    made = Release.objects.get(number=3)
    assert (made.settings.port, made.trigger, made.based_on) == (5055, Trigger.EDIT, release)
    assert Release.objects.count() == 3


def test_a_link_opens_the_form_with_the_value_marked(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    release = deploying(cast)
    fail(release, ELSEWHERE, *SHORTCUTS)
    page = opened(logged_in_page(cast.developer), live_server, release)
    page.get_by_role("link", name="Edit the port").click()
    expect(page.locator("[name=port]")).to_have_value("5055")
    expect(page.get_by_text("Proposed in place of 3000.")).to_be_visible()


def test_a_value_is_asked_for_and_not_lost_while_the_page_renews(
    logged_in_page: LogIn, live_server: Any, cast: Cast
) -> None:
    release = deploying(cast)
    fail(
        release,
        "The program needs the environment variable DATABASE_URL, which is not set.",
        add_variable("DATABASE_URL"),
    )
    LogStream.objects.filter(release=release).update(closed_at=None)
    page = opened(logged_in_page(cast.developer), live_server, release)
    field = page.get_by_label("Value of DATABASE_URL")
    field.fill("postgres://db/shop")
    page.wait_for_timeout(2500)
    expect(field).to_have_value("postgres://db/shop")
    assert violations(page) == []
    page.get_by_role("button", name="Add variable DATABASE_URL and deploy").click()
    page.wait_for_url("**/releases/3/")
    assert [row.value for row in Release.objects.get(number=3).variables] == ["postgres://db/shop"]


def test_a_guess_is_called_so_and_leads_to_the_page_of_causes(
    logged_in_page: LogIn, live_server: Any, cast: Cast
) -> None:
    release = deploying(cast)
    fail(release, "The stage Check failed with exit code 3, and no known cause fits.", RETRY, confidence="guess")
    page = opened(logged_in_page(cast.viewer), live_server, release)
    expect(page.get_by_role("alert")).to_contain_text("A guess")
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)
    page.get_by_role("link", name="About this cause").click()
    expect(page.get_by_role("heading", name="Why a release fails")).to_be_visible()
    assert violations(page) == []


def test_lists_say_the_cause(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    release = deploying(cast)
    fail(release, ELSEWHERE, *SHORTCUTS)
    page = logged_in_page(cast.viewer)
    for address in ("", "services/web/", "services/web/releases/"):
        page.goto(f"{live_server.url}/environments/{cast.environment.code}/{address}")
        expect(page.get_by_text(ELSEWHERE)).to_be_visible()
        assert violations(page) == []
