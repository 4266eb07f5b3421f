"""The Console tab in a browser: live, one instance or all, search, earlier lines, times with their zone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from releases.agent.console import ConsoleLog
from releases.engine.base import Stream
from releases.engine.observing import Place, Printed
from releases.logs.flusher import Carriers
from releases.models import LogStream
from services.models import Service
from tests.browser.accessibility import violations
from tests.browser.conftest import NETWORK_CHANGED
from tests.browser.web import Web
from tests.factories import Cast, make_service

Open = Callable[..., Page]


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web")


@pytest.fixture
def opened(page: Page, context: BrowserContext, web: Web, cast: Cast, service: Service, complaints: list[str]) -> Open:
    def open_page(anchor: str = "") -> Page:
        client = Client()
        client.force_login(cast.viewer)
        name = django_settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": web.url}])
        page.goto(web.url + reverse("console", args=[cast.environment.code, service.name]) + anchor)
        if any(NETWORK_CHANGED in text for text in complaints):
            page.reload()
        expect(page.locator(".log")).to_have_attribute("data-state", "live")
        return page

    return open_page


@pytest.fixture(autouse=True)
def a_changing_network(page: Page, complaints: list[str]) -> Iterator[None]:
    """Chromium drops its requests whenever a container starts or stops on this machine."""
    yield
    complaints[:] = [text for text in complaints if NETWORK_CHANGED not in text and "WebSocket" not in text]


class Speaker:
    """The console as the agent writes it."""

    def __init__(self, service: Service) -> None:
        self.log = ConsoleLog(LogStream.objects.get_or_create(service=service)[0], Carriers())
        self.time = 1_700_000_000_000_000_000
        for index in (1, 2):
            self.log.begin(f"id{index}", f"#1 web-{index}", [])

    def say(self, index: int, *texts: str) -> None:
        batch = []
        for text in texts:
            self.time += 10_000_000
            batch.append(Printed(Stream.STDOUT, f"{text}\n".encode(), Place(self.time, 1)))
        self.log.feed(f"id{index}", batch)

    def end(self, index: int, text: str) -> None:
        self.time += 10_000_000
        self.log.happened(f"id{index}", self.time, text)


@pytest.fixture
def speaker(web: Web, service: Service) -> Iterator[Speaker]:
    speaker = Speaker(service)
    yield speaker
    speaker.log.close()


def test_lines_come_live_and_one_instance_can_be_chosen(opened: Open, speaker: Speaker) -> None:
    page = opened()
    expect(page.get_by_text("What the instances of this service print appears here.")).to_be_visible()
    speaker.say(1, "first says hello")
    speaker.say(2, "second says hello")
    expect(page.get_by_text("#1 web-1 │ first says hello")).to_be_visible()
    expect(page.get_by_text("#1 web-2 │ second says hello")).to_be_visible()
    page.get_by_label("Instance").select_option("#1 web-2")
    expect(page.get_by_text("first says hello")).to_have_count(0)
    speaker.say(1, "first again")
    speaker.say(2, "second again")
    speaker.end(2, "#1 web-2 ended with exit code 3.")
    expect(page.get_by_text("second again")).to_be_visible()
    expect(page.get_by_text("#1 web-2 ended with exit code 3.")).to_be_visible()
    expect(page.get_by_text("first again")).to_have_count(0)
    page.get_by_label("Instance").select_option("")
    expect(page.get_by_text("first again")).to_be_visible()


def test_search_finds_what_is_not_loaded_and_shows_only_matches(opened: Open, speaker: Speaker) -> None:
    speaker.say(1, *(f"needle {number}" if number in (10, 9_000) else f"hay {number}" for number in range(1, 9_501)))
    speaker.log.close()
    page = opened()
    expect(page.locator("[data-log-state]")).to_have_text("2,000 lines")
    page.keyboard.press("/")
    page.keyboard.type("needle")
    expect(page.locator("[data-log-found]")).to_have_text("1 of 2")
    expect(page.locator(".log-row.is-current")).to_contain_text("needle 10", timeout=20_000)
    expect(page.locator("[data-log-state]")).to_have_text("9,500 lines")
    page.get_by_role("button", name="Only matching lines").click()
    expect(page.locator(".log-row")).to_have_count(10)


def test_earlier_lines_are_loaded_on_demand_and_what_is_in_sight_stays(opened: Open, speaker: Speaker) -> None:
    speaker.say(1, *(f"line {number}" for number in range(1, 4_001)))
    speaker.log.close()
    page = opened()
    expect(page.get_by_text("line 4000")).to_be_visible()
    page.locator("[data-log-scroll]").evaluate("(box) => { box.scrollTop = 0; }")
    expect(page.get_by_text("│ line 2001", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Load earlier lines").click()
    expect(page.locator("[data-log-state]")).to_have_text("4,000 lines")
    expect(page.get_by_text("│ line 2001", exact=False).first).to_be_visible()
    expect(page.get_by_role("button", name="Load earlier lines")).to_be_hidden()


def test_each_line_has_its_time_and_the_zone_is_named(opened: Open, speaker: Speaker) -> None:
    speaker.say(1, "hello")
    page = opened()
    expect(page.locator(".log-time").first).to_have_text(re.compile(r"^\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$"))
    expect(page.locator("[data-log-zone]")).to_have_text(re.compile("^UTC"))
    page.locator("[data-log-times]").click()
    expect(page.locator(".log-time")).to_have_count(0)


def test_the_page_passes_axe(opened: Open, speaker: Speaker) -> None:
    speaker.say(1, "hello", "\x1b[31mred\x1b[0m")
    speaker.end(1, "#1 web-1 was stopped.")
    page = opened()
    expect(page.get_by_text("hello")).to_be_visible()
    assert violations(page) == []
