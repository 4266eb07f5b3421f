"""A page of which a script or stylesheet did not arrive is loaded again, a few times."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from releases.models import LogStream, Status
from tests.browser.conftest import LogIn
from tests.factories import Cast, make_release, make_service

MOST = 3  # as static/js/again.js


class Broken:
    """Files that do not arrive the first times; and the pages that were asked for."""

    def __init__(self, page: Page, complaints: list[str]) -> None:
        self.pages = list[str]()
        self._complaints = complaints
        self._left = 0
        self._page = page
        page.on("request", self._note)

    def lose(self, name: str, times: int) -> None:
        self._left = times
        self._page.route(f"**/{name}", self._answer)

    def _note(self, request: Request) -> None:
        if request.is_navigation_request():
            self.pages.append(request.method)

    def _answer(self, route: Route) -> None:
        self._left -= 1
        if self._left >= 0:
            route.abort()
        else:
            route.continue_()

    def assert_pages(self, count: int) -> None:
        """So many are loaded, and then no more."""
        deadline = time.monotonic() + 60
        while len(self.pages) < count and time.monotonic() < deadline:
            self._page.wait_for_timeout(50)
        self._page.wait_for_load_state()
        self._page.wait_for_timeout(500)
        assert self.pages == ["GET"] * count

    def forgive(self) -> None:
        """Also that there are no sockets here."""
        expected = ("ERR_FAILED", "WebSocket")
        self._complaints[:] = [text for text in self._complaints if not any(word in text for word in expected)]


@pytest.mark.parametrize("name", ["js/ui.js", "css/layout.css", "js/log-socket.js"])  # the last one is imported
def test_what_did_not_arrive_is_loaded_again(
    logged_in_page: LogIn, live_server: Any, cast: Cast, complaints: list[str], name: str
) -> None:
    release = make_release(make_service(cast.environment, "web"), Status.QUEUED)
    LogStream.objects.create(release=release)
    page = logged_in_page(cast.owner)
    broken = Broken(page, complaints)
    broken.lose(name, times=2)
    page.goto(live_server.url + release.get_absolute_url(), wait_until="commit")
    broken.assert_pages(3)
    expect(page.get_by_role("heading", name="web")).to_be_visible()
    broken.forgive()


def test_what_never_arrives_is_given_up(
    logged_in_page: LogIn, live_server: Any, cast: Cast, complaints: list[str]
) -> None:
    page = logged_in_page(cast.owner)
    broken = Broken(page, complaints)
    broken.lose("js/ui.js", times=100)
    page.goto(f"{live_server.url}/environments/{cast.environment.code}/", wait_until="commit")
    broken.assert_pages(1 + MOST)
    broken.forgive()


def test_the_answer_to_a_form_is_not_sent_for_again(
    page: Page, live_server: Any, cast: Cast, complaints: list[str]
) -> None:
    page.goto(live_server.url)
    broken = Broken(page, complaints)
    page.get_by_label("Username or email").fill("owner")
    page.get_by_label("Password").fill("a wrong one")
    broken.lose("js/ui.js", times=100)
    page.get_by_role("button", name="Log In").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_timeout(500)
    assert broken.pages == ["POST"]
    expect(page.get_by_label("Username or email")).to_have_value("owner")
    broken.forgive()
