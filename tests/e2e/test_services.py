"""The examples of other languages, and services that talk to each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.apps import Origin, python_app, server
from tests.e2e.dashboard import Dashboard
from tests.e2e.pictures import picture
from tests.e2e.stack import Stack

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
