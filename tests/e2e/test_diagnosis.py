"""What is broken is told by its cause, and one click puts it right: on the real engine, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.accessibility import violations
from tests.diagnosis.cases import SHORT
from tests.diagnosis.outside import drive
from tests.diagnosis.result import falls_short, summary
from tests.e2e.apps import Origin, python_app, server
from tests.e2e.dashboard import Dashboard
from tests.e2e.pictures import picture
from tests.e2e.stack import Stack


def card(dashboard: Dashboard) -> Locator:
    """Of the release whose page is open, when it has failed."""
    dashboard.expect_status("failed")
    return dashboard.page.get_by_role("alert")


def press(dashboard: Dashboard, label: str) -> None:
    """A shortcut; ends on the page of the release that it made, which is live."""
    before = dashboard.page.url
    card(dashboard).get_by_role("button", name=label).click()
    dashboard.page.wait_for_url(lambda url: url != before and bool(re.search(r"/releases/\d+/$", url)))
    dashboard.expect_status("live")


def test_another_port_is_used_with_one_click_and_without_a_build(
    dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path
) -> None:
    elsewhere = server("Tea").replace('int(os.environ["PORT"])', "5055")
    origin = Origin(place / "teapot.git", tmp_path / "teapot", python_app(elsewhere), "Listen elsewhere")
    dashboard.create(origin.place, Port="8000", Deploy_Timeout="10")
    expect(card(dashboard)).to_contain_text("listens on port 5055, and the service's port is 8000.")
    picture(dashboard.page, "diagnosis")
    line = card(dashboard).get_by_role("link", name=re.compile(r"Line \d+ of the log")).last
    line.click()
    expect(dashboard.log_rows("did not answer on port 8000").last).to_be_visible()
    assert violations(dashboard.page) == []
    press(dashboard, "Use port 5055 and deploy")
    assert "its artifact is reused" in dashboard.log_text()
    assert stack.get(dashboard.host) == (200, "Tea")


def test_a_missing_variable_is_asked_for(dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path) -> None:
    needs = server("Coffee", at_start='print(len(os.environ["ROASTER_KEY"]), flush=True)')
    origin = Origin(place / "roaster.git", tmp_path / "roaster", python_app(needs), "Ask for a key")
    dashboard.create(origin.place)
    expect(card(dashboard)).to_contain_text("needs the environment variable ROASTER_KEY, which is not set.")
    dashboard.page.get_by_label("Value of ROASTER_KEY").fill("dark-and-bitter")
    press(dashboard, "Add variable ROASTER_KEY and deploy")
    assert stack.get(dashboard.host) == (200, "Coffee")
    assert "dark-and-bitter" not in dashboard.log_text()


def test_the_memory_is_doubled(dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path) -> None:
    heavy = server("Cake", at_start="data = bytearray(300 * 1024 * 1024)")
    origin = Origin(place / "bakery.git", tmp_path / "bakery", python_app(heavy), "Bake")
    dashboard.create(origin.place)
    expect(card(dashboard)).to_contain_text("ran out of memory: an instance may use 256 MB.")
    press(dashboard, "Set memory to 512 MB and deploy")
    assert stack.get(dashboard.host) == (200, "Cake")


def test_the_corpus_in_short(stack: Stack) -> None:
    """`make bench-diagnosis` deploys all of it."""
    results = list(drive(stack, SHORT))
    assert len(results) == len(SHORT)
    assert falls_short(results, seconds=60) == [], summary(results) + "".join(f"\n{result}" for result in results)
