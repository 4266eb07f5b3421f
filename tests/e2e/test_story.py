"""The story of the product: log in, Create Service, Deploy, watch, push, Trigger Deploy, watch."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.apps import Origin, held_build, let_go, python_app, server
from tests.e2e.dashboard import LIVE, Dashboard
from tests.e2e.pictures import picture
from tests.e2e.stack import Stack
from tests.e2e.visitors import visitors

BUILD = "python build.py storefront"
STAGES = ["Queued", "Pull", "Build", "Store", "Start", "Check", "Switch", "Retire"]


def app(answer: str) -> dict[str, str]:
    return python_app(server(answer), build=held_build(10, held=2))


def watch(dashboard: Dashboard, complete: bool = True) -> None:
    """Lines arrive while the release is in work; then it is live."""
    expect(dashboard.log_rows("Step 2 of 10")).to_be_visible(timeout=LIVE)
    expect(dashboard.page.locator("#release")).to_have_attribute("data-status", "deploying")
    let_go(BUILD)
    dashboard.expect_status("live")
    expect(dashboard.page.get_by_text("Live Version")).to_be_visible()
    steps = dashboard.page.get_by_role("list", name="Stages").get_by_role("listitem")
    for step, label in zip(steps.all(), STAGES, strict=True):
        expect(step).to_contain_text(label)
        expect(step).to_have_class("ok")


def test_from_a_repository_to_a_live_address_and_to_the_next_release(
    visitor: Page, stack: Stack, tmp_path: Path
) -> None:
    origin = Origin(
        stack.examples / "storefront.git", tmp_path / "storefront", app("Good morning"), "Open the storefront"
    )
    dashboard = Dashboard(visitor, stack)
    dashboard.log_in("operator", stack.password)
    dashboard.open("production")
    dashboard.connect(origin.place)
    expect(dashboard.field("Service Name")).to_have_value("storefront")
    expect(dashboard.field("Language")).to_have_value("python")
    dashboard.fill(Build_Command=BUILD, Undo_Window="2")
    dashboard.press_deploy()
    watch(dashboard)
    host = dashboard.host
    assert stack.get(host) == (200, "Good morning")

    origin.push(app("Good evening"), "Say good evening after six")
    dashboard.open_tab_of_service("Releases")
    with visitors(stack, host) as load:
        dashboard.trigger_deploy()
        watch(dashboard)
        assert stack.get(host) == (200, "Good evening")
        expect(dashboard.log_rows("Release #1 is shut down.")).to_be_visible(timeout=LIVE)
    expect(visitor.get_by_role("heading", name="No request lost")).to_be_visible(timeout=LIVE)
    assert load.lost == []
    assert load.answered > 100
    picture(visitor, "release")

    dashboard.open_tab_of_service("Releases")
    rows = visitor.locator("section.releases tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Live Version")
    expect(rows.nth(0)).to_contain_text("Say good evening after six")
    expect(rows.nth(1)).to_contain_text("Deployed")
    picture(visitor, "releases")
