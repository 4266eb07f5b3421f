"""The log viewer in a real browser, against a real Daphne and Redis, while a real producer writes."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from kintohub.accounts.models import User
from releases.logs.lines import BUILD
from releases.logs.writer import ReleaseLog
from releases.models import LogStream, Release, Stage, Status
from tests.browser.accessibility import violations
from tests.browser.conftest import NETWORK_CHANGED
from tests.browser.web import Web
from tests.factories import Cast, make_release, make_service

Open = Callable[..., Page]
MOST_SCREENS = 10_000

# Every line the viewer has, read out by scrolling through the windowed list: number and text of each row in sight.
READ_ROWS = """() => [...document.querySelectorAll(".log-row")].map((row) => ({
  number: row.querySelector(".log-number")?.textContent ?? "",
  text: row.querySelector(".log-text")?.textContent ?? row.textContent,
}))"""


@pytest.fixture
def release(cast: Cast) -> Release:
    release = make_release(make_service(cast.environment, "web"), Status.DEPLOYING)
    LogStream.objects.create(release=release)
    return release


def log_in(user: User, context: BrowserContext, web: Web) -> None:
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": web.url}])


@pytest.fixture
def opened(page: Page, context: BrowserContext, web: Web, cast: Cast, release: Release, complaints: list[str]) -> Open:
    def open_page(anchor: str = "") -> Page:
        log_in(cast.owner, context, web)
        page.goto(web.url + release.get_absolute_url() + anchor)
        if any(NETWORK_CHANGED in text for text in complaints):
            page.reload()
        expect(page.locator(".log")).to_have_attribute("data-state", re.compile("live|closed"))
        return page

    return open_page


@pytest.fixture(autouse=True)
def a_changing_network(page: Page, complaints: list[str]) -> Iterator[None]:
    """Chromium drops its requests whenever a container starts or stops on this machine: an interface comes or goes."""
    yield
    if any(NETWORK_CHANGED in text for text in complaints):
        complaints[:] = [text for text in complaints if NETWORK_CHANGED not in text and not text.startswith("htmx:")]


def write(release: Release, data: bytes, source: str = BUILD) -> None:
    with ReleaseLog(release.log, ["hunter2!"]) as log:
        log.feed(source, data, time.time())


def finish(release: Release) -> None:
    Release.objects.filter(pk=release.pk).update(status=Status.LIVE)


def all_lines(page: Page) -> list[tuple[int, str]]:
    """Scrolls from top to end and collects every row once."""
    page.evaluate("document.querySelector('[data-log-scroll]').scrollTop = 0")
    found: dict[int, str] = {}
    for _ in range(MOST_SCREENS):
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        for row in page.evaluate(READ_ROWS):
            if row["number"]:
                found[int(row["number"])] = row["text"]
        at_end = page.evaluate(
            """() => {
              const box = document.querySelector("[data-log-scroll]");
              const before = box.scrollTop;
              box.scrollTop += box.clientHeight;
              return box.scrollTop === before;
            }"""
        )
        if at_end:
            return sorted(found.items())
    raise AssertionError("The list has no end.")


def test_five_thousand_live_lines_with_a_reload_a_cut_and_a_restart(
    opened: Open, web: Web, release: Release, complaints: list[str]
) -> None:
    total, is_back = 5_000, threading.Event()

    def talk() -> None:
        with ReleaseLog(release.log, []) as log:
            for number in range(1, total + 1):
                log.feed(BUILD, b"line %d\n" % number, time.time())
                if number % 10 == 0:
                    time.sleep(0.012)
                if number == 4_000:
                    is_back.wait(100)
        finish(release)

    page = opened()
    producer = threading.Thread(target=talk)
    producer.start()
    expect(page.locator("[data-log-state]")).to_have_text(re.compile(r"^[1-9],?\d{3} lines"))
    page.reload()
    expect(page.locator("[data-log-state]")).to_have_text(re.compile(r"^[2-4],\d{3} lines"))
    web.stop()
    expect(page.locator(".log")).to_have_attribute("data-state", "reconnecting")
    web.start()
    is_back.set()
    producer.join()
    expect(page.locator("[data-log-state]")).to_have_text("5,000 lines", timeout=30_000)
    expect(page.locator(".log")).to_have_attribute("data-state", "closed", timeout=20_000)
    assert all_lines(page) == [(number, f"line {number}") for number in range(1, total + 1)]
    # What a browser and htmx say while the server is away; anything else fails the test.
    away = ("ERR_CONNECTION_RE", "ERR_EMPTY_RESPONSE", "WebSocket connection", "htmx:sendError", "htmx:afterRequest")
    complaints[:] = [text for text in complaints if not any(words in text for words in away)]


def test_colours_are_shown_and_html_is_text(opened: Open, release: Release) -> None:
    write(release, b"\x1b[1;32mgreen\x1b[0m \x1b[38;2;1;2;3mexact\x1b[0m <img src=x onerror=alert(1)> hunter2!\n")
    page = opened()
    row = page.locator(".log-text").first
    expect(row).to_have_text("green exact <img src=x onerror=alert(1)> ••••••")
    expect(row.locator(".ansi-green.ansi-bold")).to_have_text("green")
    expect(row.get_by_text("exact", exact=True)).to_have_css("color", "rgb(1, 2, 3)")
    assert page.locator(".log img").count() == 0


def test_following_lets_go_when_scrolled_up_and_jumps_back(opened: Open, release: Release) -> None:
    page = opened()
    with ReleaseLog(release.log, []) as log:
        log.feed(BUILD, b"".join(b"line %d\n" % number for number in range(1, 501)), 1.0)
        expect(page.get_by_text("line 500", exact=True)).to_be_visible()
        page.locator("[data-log-scroll]").hover()
        page.mouse.wheel(0, -3000)
        expect(page.locator("[data-log-jump]")).to_be_visible()
        log.feed(BUILD, b"line 501\n", 1.0)
        expect(page.locator("[data-log-jump]")).to_contain_text("1 new line")
        assert page.get_by_text("line 501", exact=True).count() == 0
        page.locator("[data-log-jump]").click()
        expect(page.get_by_text("line 501", exact=True)).to_be_visible()
        log.feed(BUILD, b"line 502\n", 1.0)
        expect(page.get_by_text("line 502", exact=True)).to_be_visible()


def test_a_link_to_a_line_shows_that_line(opened: Open, release: Release) -> None:
    write(release, b"".join(b"line %d\n" % number for number in range(1, 30_001)))
    page = opened("#L29120")  # far beyond what is there when the page opens
    linked = page.locator(".log-row.is-linked")
    expect(linked).to_contain_text("line 29120", timeout=20_000)
    expect(linked).to_be_in_viewport()
    page.get_by_role("link", name="29125", exact=True).click()
    expect(linked).to_contain_text("line 29125")
    assert page.url.endswith("#L29125")


def test_a_link_to_a_line_that_is_still_to_come_waits_for_it(opened: Open, release: Release) -> None:
    page = opened("#L120")
    with ReleaseLog(release.log, []) as log:
        log.feed(BUILD, b"".join(b"line %d\n" % number for number in range(1, 101)), 1.0)
        expect(page.locator("[data-log-state]")).to_have_text("100 lines")
        assert page.locator(".log-row.is-linked").count() == 0
        log.feed(BUILD, b"".join(b"line %d\n" % number for number in range(101, 301)), 1.0)
        expect(page.locator(".log-row.is-linked")).to_contain_text("line 120")
        expect(page.locator(".log-row.is-linked")).to_be_in_viewport()


def test_stages_are_headings_that_fold(opened: Open, release: Release) -> None:
    with ReleaseLog(release.log, []) as log:
        log.section(Stage.PULL)
        log.say("Fetching main.")
        log.section(Stage.BUILD)
        log.feed(BUILD, b"compiling\n", 1.0)
        log.feed("web-1", b"listening\n", 1.0)
    page = opened()
    pull = page.get_by_role("button", name=re.compile("Pull"))
    expect(pull).to_contain_text(re.compile(r"\d\.\ds"))
    expect(page.get_by_text("web-1 │ listening")).to_be_visible()
    pull.click()
    expect(page.get_by_text("Fetching main.")).to_be_hidden()
    expect(page.get_by_text("compiling")).to_be_visible()
    pull.click()
    expect(page.get_by_text("Fetching main.")).to_be_visible()


def test_search_goes_from_match_to_match(opened: Open, release: Release) -> None:
    lines = [b"needle %d\n" % number if number % 400 == 0 else b"hay %d\n" % number for number in range(1, 2_001)]
    write(release, b"".join(lines))
    page = opened()
    expect(page.locator("[data-log-state]")).to_have_text("2,000 lines")
    page.keyboard.press("/")
    page.keyboard.type("NEEDLE")
    expect(page.locator("[data-log-found]")).to_have_text("1 of 5")
    expect(page.locator(".log-row.is-current")).to_contain_text("needle 400")
    page.keyboard.press("Enter")
    expect(page.locator(".log-row.is-current")).to_contain_text("needle 800")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".log-row.is-current")).to_contain_text("needle 2000")


def test_only_matching_lines_are_shown_with_two_around_each(opened: Open, release: Release) -> None:
    def rows() -> list[str]:
        return [str(row["number"]) for row in page.evaluate(READ_ROWS)]

    page = opened()
    with ReleaseLog(release.log, []) as log:
        log.feed(BUILD, b"".join(b"line %d\n" % number for number in range(1, 501)), 1.0)
        expect(page.locator("[data-log-state]")).to_have_text("500 lines")
        page.keyboard.press("/")
        page.keyboard.type("line 300")
        expect(page.locator("[data-log-found]")).to_have_text("1 of 1")
        page.get_by_role("button", name="Only matching lines").click()
        expect(page.locator(".log-row")).to_have_count(5)
        assert rows() == ["298", "299", "300", "301", "302"]
        log.feed(BUILD, b"a\nb\nc\nagain line 300\nd\n", 1.0)
        expect(page.locator("[data-log-found]")).to_have_text("1 of 2")
        assert rows() == ["298", "299", "300", "301", "302", "502", "503", "504", "505"]
        page.get_by_role("button", name="Only matching lines").click()
        expect(page.locator(".log-row.is-current")).to_contain_text("line 300")
        expect(page.get_by_text("line 305", exact=True)).to_be_visible()


def test_a_match_that_is_not_loaded_yet_is_found_on_the_server(opened: Open, release: Release) -> None:
    write(release, b"".join(b"line %d\n" % number for number in range(1, 40_001)))
    page = opened()
    page.keyboard.press("/")
    with page.expect_response("**/log/search?q=line%2039999") as answer:
        page.keyboard.type("line 39999")
    assert answer.value.json() == {"total": 1, "hits": [39_999], "through": 40_000}
    expect(page.locator("[data-log-found]")).to_have_text("1 of 1")
    expect(page.locator(".log-row.is-current")).to_contain_text("line 39999", timeout=20_000)
    page.locator("[data-log-search] input").fill("nowhere")
    expect(page.locator("[data-log-found]")).to_have_text("No match")


def test_long_lines_wrap_without_losing_a_letter(opened: Open, release: Release) -> None:
    text = " ".join(str(number) for number in range(600))
    write(release, text.encode() + b"\nshort\n")
    page = opened()
    page.get_by_role("button", name="Wrap long lines").click()
    expect(page.locator(".log-row").nth(3)).to_be_visible()
    rows = page.evaluate(READ_ROWS)
    assert "".join(row["text"] for row in rows) == text + "short"
    assert [row["number"] for row in rows if row["number"]] == ["1", "2"]
    assert page.locator("[data-log-scroll]").evaluate("(box) => box.scrollWidth - box.clientWidth") == 0


def test_a_progress_display_is_redrawn_in_place(opened: Open, release: Release) -> None:
    page = opened()
    with ReleaseLog(release.log, []) as log:
        log.feed(BUILD, b"start\n", 1.0)
        for percent in (10, 40, 70):
            log.feed(BUILD, b"%d percent\r" % percent, 1.0)
            expect(page.get_by_text(f"{percent} percent")).to_be_visible()
        assert page.locator(".log-row").count() == 2
        log.feed(BUILD, b"done\n", 1.0)
        expect(page.get_by_text("done")).to_be_visible()
        expect(page.get_by_text("70 percent")).to_have_count(0)


def test_who_joins_between_two_redraws_sees_the_progress(opened: Open, release: Release) -> None:
    with ReleaseLog(release.log, []) as log:
        log.feed(BUILD, b"first line\n40 percent\r", 1.0)
        page = opened()
        expect(page.get_by_text("first line")).to_be_visible()
        expect(page.get_by_text("40 percent")).to_be_visible()
        page.reload()
        expect(page.get_by_text("40 percent")).to_be_visible()
        log.feed(BUILD, b"done\n", 1.0)
        expect(page.get_by_text("done")).to_be_visible()
        page.reload()
        expect(page.get_by_text("done")).to_be_visible()
        expect(page.get_by_text("40 percent")).to_have_count(0)


def test_a_log_closes_with_its_session_and_goes_on_with_a_newer_one(
    opened: Open, release: Release, context: BrowserContext, web: Web, cast: Cast
) -> None:
    page = opened()
    with ReleaseLog(release.log, []) as log:
        log.say("before")
        expect(page.get_by_text("before", exact=True)).to_be_visible()
        old = Session.objects.get()
        log_in(cast.owner, context, web)
        with page.expect_websocket(timeout=60_000):
            old.delete()
        log.say("with a newer session")
        expect(page.get_by_text("with a newer session", exact=True)).to_be_visible()
        page.route("**/releases/**", lambda route: route.fulfill(status=204))  # the page itself would go to the login
        Session.objects.all().delete()
        expect(page.locator("[data-log-state]")).to_have_text("You are logged out. Log in to go on.")
        log.say("not for everybody")
        page.wait_for_timeout(500)
        expect(page.get_by_text("not for everybody", exact=True)).to_have_count(0)


def test_copy_takes_the_whole_log(opened: Open, release: Release, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    write(release, b"".join(b"\x1b[31mline %d\x1b[0m\n" % number for number in range(1, 301)))
    page = opened()
    expect(page.locator("[data-log-state]")).to_have_text("300 lines")
    page.get_by_role("button", name="Copy the whole log").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).includes('line 300')")
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.split("\n") == [f"line {number}" for number in range(1, 301)]


def test_of_a_hundred_thousand_lines_few_are_in_the_page(opened: Open, release: Release) -> None:
    """`make bench-logs` measures how smooth that is."""
    write(release, b"".join(b"line %d of the build output\n" % number for number in range(1, 100_001)))
    page = opened()
    expect(page.locator("[data-log-state]")).to_have_text("100,000 lines", timeout=120_000)
    most = page.evaluate(
        """async () => {
          const box = document.querySelector("[data-log-scroll]");
          let most = 0;
          for (let step = 0; step < 60; step++) {
            box.scrollTop = Math.random() * box.scrollHeight;
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            most = Math.max(most, document.querySelectorAll(".log-row").length);
          }
          return most;
        }"""
    )
    assert 0 < most < 150


def test_the_pages_of_a_release_pass_axe_and_fit_a_phone(opened: Open, release: Release, web: Web) -> None:
    with ReleaseLog(release.log, []) as log:
        log.section(Stage.PULL)
        log.say("Fetching main.")
        log.section(Stage.BUILD)
        colours = b" ".join(b"\x1b[%dmcolour %d\x1b[0m" % (code, code) for code in (*range(30, 38), *range(90, 98)))
        log.feed(BUILD, colours + b"\n" + b"long " * 200 + b"\n", 1.0)
        log.feed("web-1", b"listening\n", 1.0)
    Release.objects.filter(pk=release.pk).update(
        status=Status.FAILED,
        failed_stage=Stage.CHECK,
        reason="Nothing answers on port 3000.",
        finished_at=timezone.now(),
    )
    for status in (Status.RETIRED, Status.LIVE, Status.SUPERSEDED):
        make_release(release.service, status)
    page = opened()
    expect(page.locator(".log")).to_have_attribute("data-state", "closed")
    assert violations(page) == []
    page.goto(web.url + reverse("releases", args=[release.service.environment.code, release.service.name]))
    assert violations(page) == []
