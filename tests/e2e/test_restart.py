"""Ctrl-C and a second start: services keep running, nothing is lost."""

from __future__ import annotations

import time

from playwright.sync_api import expect

from tests.e2e.dashboard import Dashboard
from tests.e2e.stack import Stack

SECOND_START = 60.0  # seconds, generously: it takes a few


def running(stack: Stack) -> set[str]:
    """Of other services some may be about to go, because a release replaced them a minute ago."""
    return {instance.id for instance in stack.engine.instances() if "hello-python" in instance.name}


def test_services_outlive_ctrl_c_and_the_next_start_finds_them(dashboard: Dashboard, stack: Stack) -> None:
    dashboard.open("production")
    dashboard.page.get_by_role("link", name="hello-python", exact=True).click()
    dashboard.page.wait_for_url("**/services/hello-python/")
    host, before = dashboard.host, running(stack)
    assert before
    dashboard.page.goto("about:blank")
    assert stack.stop() == 0
    assert stack.processes() == {}
    assert running(stack) == before
    began = time.monotonic()
    stack.start()
    assert time.monotonic() - began < SECOND_START
    assert "Password" not in stack.output
    status, page = stack.get(host)
    assert status == 200
    assert "Hello from Python" in page
    dashboard.open("production")
    row = dashboard.row("hello-python")
    expect(row).to_contain_text("Live Version")
