"""A real browser in front of the real pages. Every page is watched: an error in the console fails its test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from kintohub.accounts.models import User
from tests.browser.web import Web
from tests.factories import Cast, make_cast
from tests.servers import RedisServer, redis_server, redis_url  # noqa: F401

# Playwright keeps an event loop in this thread; the tests themselves make rows in it.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
expect.set_options(timeout=10_000)

CHROMIUM = "/usr/bin/chromium"
NETWORK_CHANGED = "ERR_NETWORK_CHANGED"
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

LogIn = Callable[[User], Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def base_url() -> str:
    """Addresses in these tests are whole. The plugin's own fixture warns on this version of pytest."""
    return ""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": SWITCHES}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture(scope="module")
def running_web(django_db_setup: None, redis_server: RedisServer) -> Iterator[Web]:  # noqa: F811
    """The product's own web process, for pages with sockets."""
    web = Web(redis_server.url)
    web.start()
    with override_settings(REDIS_URL=redis_server.url):
        yield web
    web.stop()


@pytest.fixture
def web(transactional_db: None, redis_url: str, running_web: Web) -> Web:  # noqa: F811
    """On an empty database and an empty Redis."""
    return running_web


@pytest.fixture
def complaints() -> list[str]:
    """Errors of the console (broken policies of content are among them). A test may take out those it expects."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    page = context.new_page()

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.close()
    assert complaints == []


def session_cookie(user: User, url: str) -> Any:
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@pytest.fixture
def logged_in_page(page: Page, context: BrowserContext, live_server: Any) -> LogIn:
    """`logged_in_page(user)` is a page of that user's session.

    The server of these tests has no sockets: a log on their pages is never answered, instead of refused with an error.
    """
    context.route_web_socket(live_server.url.replace("http", "ws", 1) + "/ws/**", lambda _: None)

    def log_in(user: User) -> Page:
        context.add_cookies([session_cookie(user, live_server.url)])
        return page

    return log_in
