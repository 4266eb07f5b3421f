"""The console of a service on a whole installation: live, through a killed agent and a crash, and whole."""

from __future__ import annotations

import os
import re
import signal

from playwright.sync_api import expect

from tests.e2e.dashboard import Dashboard
from tests.e2e.stack import Stack
from tests.engine.rigs import docker_sdk

SERVICE = "hello-python"


def test_a_console_is_live_and_whole_over_a_killed_agent_and_a_crash(dashboard: Dashboard, stack: Stack) -> None:
    page = dashboard.page
    dashboard.open()
    page.get_by_role("link", name=SERVICE, exact=True).click()
    page.get_by_role("link", name="Console", exact=True).click()
    expect(page.get_by_text("Listening on port")).to_be_visible()
    host = found[1] if (found := re.search(r"https?://([a-z0-9-]+\.localhost)", page.content())) else ""
    visit(stack, host, 1)
    expect(page.get_by_text("GET /visit-1 ")).to_be_visible()
    kill_agent(stack)
    visit(stack, host, 2)
    expect(page.get_by_text("GET /visit-2 ")).to_be_visible(timeout=30_000)
    crash(stack)
    expect(page.get_by_text(re.compile(r"^#\d+ hello-python-1 ended with exit code \d+\.$"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^#\d+ hello-python-1 was started again\.$"))).to_be_visible()
    expect(page.get_by_text("Listening on port")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as text").click()
    text = download.value.path().read_text()
    for number in (1, 2):
        assert len(re.findall(rf"GET /visit-{number} ", text)) == 1


def visit(stack: Stack, host: str, number: int) -> None:
    assert stack.get(host, f"/visit-{number}")[0] == 404


def kill_agent(stack: Stack) -> None:
    agents = [process for process, line in stack.processes().items() if "manage.py agent " in line]
    assert len(agents) == 1
    os.kill(agents[0], signal.SIGKILL)


def crash(stack: Stack) -> None:
    """The program ends as if by itself; the engine runs it again."""
    name = next(one.name for one in stack.engine.instances() if SERVICE in one.name)
    container = docker_sdk().inspect_container(stack.engine.inspect(name).id)
    os.kill(container["State"]["Pid"], signal.SIGKILL)
