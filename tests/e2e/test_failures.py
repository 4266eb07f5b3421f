"""What goes wrong is said where it belongs, and what served before serves on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.accessibility import violations
from tests.e2e.apps import Origin, python_app, server
from tests.e2e.conftest import watched
from tests.e2e.dashboard import Dashboard
from tests.e2e.stack import Stack

PASSWORD = "correct horse battery"


def test_a_failed_release_leaves_the_one_before_it_serving(
    dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path
) -> None:
    origin = Origin(place / "menu.git", tmp_path / "menu", python_app(server("Soup")), "Soup")
    dashboard.create(origin.place)
    dashboard.expect_status("live")
    host = dashboard.host
    origin.push({"run.py": "raise SystemExit('No cook today')\n"}, "Send the cook home")
    dashboard.open_tab_of_service("Overview")
    dashboard.trigger_deploy()
    dashboard.expect_status("failed")
    outcome = dashboard.page.get_by_role("alert")
    expect(outcome).to_contain_text("menu-1 ended with exit code 1 before it answered on port 8000.")
    expect(outcome).to_contain_text("Release #1 still serves.")
    assert "No cook today" in dashboard.log_text()
    assert violations(dashboard.page) == []
    assert stack.get(host) == (200, "Soup")
    names = [instance.name for instance in stack.engine.instances()]
    assert [name for name in names if "-menu-" in name and "-menu-1-" not in name] == []


def test_a_process_on_another_port_is_not_taken_for_the_service(
    dashboard: Dashboard, place: Path, tmp_path: Path
) -> None:
    elsewhere = server("Hello").replace('int(os.environ["PORT"])', "5055")
    origin = Origin(place / "elsewhere.git", tmp_path / "elsewhere", python_app(elsewhere), "Listen elsewhere")
    dashboard.create(origin.place, Port="8000", Deploy_Timeout="10")
    dashboard.expect_status("failed")
    expect(dashboard.page.get_by_role("alert")).to_contain_text("did not answer on port 8000 within 10 seconds")
    expect(dashboard.page.get_by_role("alert")).to_contain_text("Nothing of this service serves.")


def test_a_branch_that_does_not_exist(dashboard: Dashboard, place: Path, tmp_path: Path) -> None:
    origin = Origin(place / "branches.git", tmp_path / "branches", python_app(server("Hello")), "Begin")
    dashboard.open("staging")
    dashboard.connect(origin.place)
    dashboard.fill(Branch="summer")
    dashboard.page.get_by_role("button", name="Deploy", exact=True).click()
    expect(dashboard.page.locator("#id_branch_error")).to_contain_text("The repository has no branch “summer”.")


@pytest.mark.parametrize("address", ["https://git.kintohub.invalid/shop.git", "file:///etc", "no address"])
def test_a_repository_that_cannot_be_reached_is_said_at_its_field(dashboard: Dashboard, address: str) -> None:
    dashboard.open("staging")
    dashboard.page.get_by_role("link", name="Create Service").first.click()
    dashboard.page.get_by_label("Repository URL").fill(address)
    dashboard.page.get_by_role("button", name="Connect").click()
    expect(dashboard.page.locator("#id_repository_url_error")).to_be_visible(timeout=30_000)
    expect(dashboard.page.get_by_label("Repository URL")).to_have_value(address)


def test_two_quick_clicks_on_trigger_deploy_make_one_release(dashboard: Dashboard, place: Path, tmp_path: Path) -> None:
    origin = Origin(place / "twice.git", tmp_path / "twice", python_app(server("Once")), "Begin")
    dashboard.open("staging")
    dashboard.connect(origin.place)
    dashboard.page.get_by_role("button", name="Deploy", exact=True).dblclick()
    dashboard.page.wait_for_url("**/releases/1/")
    dashboard.expect_status("live")
    origin.push(python_app(server("Twice")), "Again")
    dashboard.open_tab_of_service("Releases")
    dashboard.page.get_by_role("button", name="Trigger Deploy").dblclick()
    dashboard.page.wait_for_url("**/releases/2/")
    dashboard.expect_status("live")
    dashboard.open_tab_of_service("Releases")
    expect(dashboard.page.locator("section.releases tbody tr")).to_have_count(2)


def test_a_stranger_sees_neither_page_nor_log(
    browser: Browser, dashboard: Dashboard, stack: Stack, complaints: list[str]
) -> None:
    made = stack.manage(
        "shell",
        "-c",
        f"from kintohub.accounts.models import User; User.objects.create_user('eve', password='{PASSWORD}')",
    )
    assert made.returncode == 0, made.stderr
    dashboard.open("production")
    dashboard.page.get_by_role("link", name="hello-python", exact=True).click()
    dashboard.open_tab_of_service("Releases")
    dashboard.page.get_by_role("link", name="#1").click()
    address = dashboard.page.url
    socket = dashboard.page.locator("[data-log]").get_attribute("data-log")
    with watched(browser, complaints) as page:
        Dashboard(page, stack).log_in("eve", PASSWORD)
        for path in ("", "log.txt", ".."):
            assert page.request.get(f"{address}{path}").status == 404
        opened = "path => new Promise(done => { new WebSocket(path).onclose = event => done(event.code) })"
        assert page.evaluate(opened, socket) == 4404
