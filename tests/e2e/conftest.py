"""One installation and one browser for all tests of this folder. Every page is watched for errors in its console."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.conftest import CHROMIUM, SWITCHES
from tests.e2e.dashboard import Dashboard
from tests.e2e.stack import Stack

expect.set_options(timeout=15_000)

# Chromium gives up what it is loading whenever an interface gets an address, and every container brings one.
NOT_OURS = "net::ERR_NETWORK_CHANGED"
LONGEST = 1200  # seconds of one test: the first of them waits for the installation, which may build base images
WINDOW = {"width": 1280, "height": 800}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(LONGEST))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": SWITCHES}


@pytest.fixture(scope="session")
def base_url() -> str:
    """Addresses in these tests are whole. The plugin's own fixture warns on this version of pytest."""
    return ""


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Ends as a person ends it; then nothing of it may be left, neither processes nor anything on the engine."""
    running = make_stack()
    try:
        running.start()
        yield running
        assert running.stop() == 0, running.output
        assert running.processes() == {}
    finally:
        remove(running)


def make_stack() -> Stack:
    """Pictures show the addresses of an installation as it comes; tests must not depend on free ports."""
    if "KINTOHUB_SCREENSHOTS" not in os.environ:
        return Stack(Path(tempfile.mkdtemp(prefix="kintohub-e2e-")))
    data = Path(tempfile.gettempdir()) / "kintohub" / "data"
    data.mkdir(parents=True)
    return Stack(data, 8000, 8080)


def remove(stack: Stack) -> None:
    engine = stack.engine
    engine.purge()
    shutil.rmtree(stack.data)
    assert engine.instances() == []


@contextmanager
def watched(browser: Browser, complaints: list[str], **options: Any) -> Iterator[Page]:
    """A page of its own session. What its console complains about must be expected by the test."""
    context = browser.new_context(viewport=WINDOW, reduced_motion="reduce", **options)  # type: ignore[arg-type]

    given_up: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if NOT_OURS in message.text:
            given_up.append(message.text)
        elif message.type in ("error", "warning"):
            complaints.append(f"{message.text} ({message.page.url if message.page else ''})")

    def fail(error: Any) -> None:
        complaints.append(f"script: {error.error}")

    context.on("console", listen)
    context.on("weberror", fail)
    try:
        yield context.new_page()
    finally:
        context.close()
    # htmx tells of a request that was given up too, without its cause.
    assert [text for text in complaints if not (given_up and "htmx:" in text)] == []


@pytest.fixture
def complaints() -> list[str]:
    """Errors in consoles (broken policies of content are among them). A test may take out those it expects."""
    return []


@pytest.fixture
def visitor(browser: Browser, stack: Stack, complaints: list[str]) -> Iterator[Page]:
    """Nobody is logged in."""
    with watched(browser, complaints) as page:
        yield page


@pytest.fixture(scope="session")
def session(browser: Browser, stack: Stack) -> Any:
    """The operator's cookies: logging in for every test would meet the limit of attempts."""
    with watched(browser, []) as page:
        Dashboard(page, stack).log_in("operator", stack.password)
        return page.context.storage_state()


@pytest.fixture
def dashboard(browser: Browser, stack: Stack, session: Any, complaints: list[str]) -> Iterator[Dashboard]:
    """The operator's browser, logged in, in the environment “production”."""
    may = ["clipboard-read", "clipboard-write"]
    with watched(browser, complaints, storage_state=session, permissions=may) as page:
        yield Dashboard(page, stack)


@pytest.fixture
def place(request: pytest.FixtureRequest, stack: Stack) -> Path:
    """Where this test makes its repositories."""
    return stack.examples / "tests" / request.node.name.replace("_", "-")[:60]
