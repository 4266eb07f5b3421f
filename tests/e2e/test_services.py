"""The examples of other languages, and services that talk to each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.apps import Origin, python_app, server, slow_server
from tests.e2e.dashboard import Dashboard
from tests.e2e.pictures import picture
from tests.e2e.stack import Stack
from tests.e2e.visitors import visitors

EXAMPLES = {
    "hello-dockerfile": ("dockerfile", "8080", "Hello from a Dockerfile"),
    "hello-node": ("nodejs", "3000", "NodeJS v24"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_deployed_as_connect_proposes_it(name: str, dashboard: Dashboard, stack: Stack) -> None:
    language, port, words = EXAMPLES[name]
    dashboard.open("production")
    dashboard.connect(stack.examples / name)
    expect(dashboard.field("Language")).to_have_value(language)
    expect(dashboard.field("Port")).to_have_value(port)
    picture(dashboard.page, "create-service")
    dashboard.press_deploy()
    dashboard.expect_status("live")
    status, page = stack.get(dashboard.host)
    assert status == 200
    assert words in page
    dashboard.open("production")
    row = dashboard.row(name)
    expect(row).to_contain_text("Live Version")
    picture(dashboard.page, "services")


def test_a_service_reaches_another_by_its_name(dashboard: Dashboard, stack: Stack, tmp_path: Path) -> None:
    gateway = Origin(
        stack.examples / "gateway.git", tmp_path / "gateway", python_app(server("Welcome")), "Open the gateway"
    )
    dashboard.create(gateway.place, environment="production")
    dashboard.expect_status("live")
    assert stack.get(dashboard.host) == (200, "Welcome")
    status, page = stack.get(dashboard.host, "/ask/hello-python:8000")
    assert status == 200
    assert "Hello from Python" in page


def test_a_caller_inside_the_environment_loses_nothing_over_deploys(
    dashboard: Dashboard, stack: Stack, tmp_path: Path
) -> None:
    """The new release listens after two seconds; the old one is stopped after two more."""
    till = Origin(stack.examples / "till.git", tmp_path / "till", python_app(slow_server("1", 2)), "Count")
    shop = Origin(stack.examples / "shop.git", tmp_path / "shop", python_app(server("Open")), "Open the shop")
    dashboard.create(shop.place, environment="market")
    dashboard.expect_status("live")
    host = dashboard.host
    dashboard.create(till.place, environment="market", Undo_Window="2")
    dashboard.expect_status("live")
    with visitors(stack, host, "/ask/till:8000") as load:
        for number in (2, 3):
            till.push({"run.py": slow_server(str(number), 2)}, f"Count to {number}")
            dashboard.open_tab_of_service("Overview")
            dashboard.trigger_deploy()
            dashboard.expect_status("live")
            assert stack.get(host, "/ask/till:8000")[0] == 200
            expect(dashboard.log_rows(f"Release #{number - 1} is shut down.")).to_be_visible()
            assert stack.get(host, "/ask/till:8000") == (200, str(number))
    assert load.lost == []
    assert load.answered > 100
