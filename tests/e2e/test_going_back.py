"""For a while after the switch the old release runs on: the platform or a person goes back without losing a request."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import expect

from kintohub.standalone import settings
from releases.proxy.haproxy.runtime import Runtime
from tests.browser.accessibility import violations
from tests.e2e.apps import Origin, python_app, server
from tests.e2e.dashboard import LIVE, Dashboard
from tests.e2e.stack import Stack
from tests.e2e.visitors import visitors
from tests.waiting import until

DIES_WHEN_TOLD = """\
def do_GET(self, otherwise=Handler.do_GET):
    if self.path == "/die":
        print("Out of tea", flush=True)
        os._exit(3)
    otherwise(self)


Handler.do_GET = do_GET
"""


def ask_to_die(stack: Stack, host: str, answer: str) -> None:
    """Again and again, as it is started again, until another release gives this answer."""
    deadline = time.monotonic() + 60
    while stack.get(host, "/die") != (200, answer):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_release_that_dies_after_the_switch_is_taken_back_by_itself(
    dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path
) -> None:
    origin = Origin(place / "tea.git", tmp_path / "tea", python_app(server("Green tea")), "Serve green tea")
    dashboard.create(origin.place)
    dashboard.expect_status("live")
    host = dashboard.host
    origin.push(python_app(server("Black tea", at_start=DIES_WHEN_TOLD)), "Serve black tea")
    dashboard.open_tab_of_service("Overview")
    dashboard.trigger_deploy()
    dashboard.expect_status("live")
    ask_to_die(stack, host, "Green tea")
    dashboard.expect_taken_back()
    outcome = dashboard.page.get_by_role("alert")
    expect(outcome).to_contain_text("Taken back")
    expect(outcome).to_contain_text("after the switch, with exit code 3")
    expect(outcome).to_contain_text("Release #1 still serves.")
    assert stack.get(host) == (200, "Green tea")
    assert violations(dashboard.page) == []


def test_undo_goes_back_at_once_and_loses_nothing(
    dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path
) -> None:
    origin = Origin(place / "coffee.git", tmp_path / "coffee", python_app(server("Espresso")), "Serve espresso")
    dashboard.create(origin.place)
    dashboard.expect_status("live")
    host = dashboard.host
    origin.push(python_app(server("Decaf")), "Serve decaf")
    dashboard.open_tab_of_service("Overview")
    with visitors(stack, host) as load:
        dashboard.trigger_deploy()
        dashboard.expect_status("live")
        assert stack.get(host) == (200, "Decaf")
        expect(dashboard.page.get_by_text("#1 kept for undo")).to_be_visible()
        assert violations(dashboard.page) == []
        dashboard.page.get_by_role("button", name="Undo").click()
        dashboard.expect_taken_back()
        assert stack.get(host) == (200, "Espresso")
        expect(dashboard.log_rows("Release #1 still serves.")).to_be_visible(timeout=LIVE)
    assert load.lost == []
    expect(dashboard.page.get_by_role("alert")).to_contain_text("operator went back to release #1.")
    expect(dashboard.page.get_by_role("heading", name="No request lost")).to_be_visible()


def test_what_a_broken_route_costs_visitors_stands_in_the_proof(
    dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path
) -> None:
    origin = Origin(place / "milk.git", tmp_path / "milk", python_app(server("Milk")), "Serve milk")
    dashboard.create(origin.place)
    dashboard.expect_status("live")
    origin.push(python_app(server("Oat milk")), "Serve oat milk")
    dashboard.open_tab_of_service("Overview")
    dashboard.trigger_deploy()
    dashboard.expect_status("live")
    proxy = Runtime(settings.read({"KINTOHUB_DATA": str(stack.data)}).sockets / "admin.sock")
    ready = [each for each in proxy.servers() if each.ready]
    backend = ready[-1].backend
    lost_before = proxy.count(backend, "hrsp_5xx")["hrsp_5xx"]
    for each in ready:
        proxy.ask(f"set server {each.backend}/{each.name} state maint")
    # Not much more: the platform would take a release with ten errors back.
    until(lambda: proxy.count(backend, "hrsp_5xx")["hrsp_5xx"] >= lost_before + 2)
    for each in ready:
        proxy.ask(f"set server {each.backend}/{each.name} state ready")
    lost = dashboard.page.get_by_role("heading", name=re.compile(r"[1-9]\d* of \d+ requests failed"))
    expect(lost).to_be_visible()
    expect(dashboard.page.get_by_text("the proxy itself answered with status 503")).to_be_visible()
