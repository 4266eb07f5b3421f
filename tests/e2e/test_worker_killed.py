"""A worker that is killed in the middle of a build."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from pathlib import Path

import docker
from playwright.sync_api import expect

from tests.e2e.apps import Origin, build, building, python_app, server
from tests.e2e.dashboard import LIVE, Dashboard
from tests.e2e.stack import Stack
from tests.e2e.visitors import visitors

LONGEST = 60.0  # seconds until the release says what happened
BUILD = "python build.py harbour"


def test_the_release_fails_with_a_reason_and_nothing_of_it_remains(
    dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path
) -> None:
    origin = Origin(place / "harbour.git", tmp_path / "harbour", python_app(server("Open"), build=""), "Open")
    dashboard.create(origin.place, Build_Command=BUILD)
    dashboard.expect_status("live")
    host, before = dashboard.host, images(stack)
    origin.push({"build.py": build(77, 1)}, "Build for more than a minute")
    dashboard.open_tab_of_service("Overview")
    with visitors(stack, host) as load:
        dashboard.trigger_deploy()
        expect(dashboard.log_rows("Step 2 of 77")).to_be_visible(timeout=LIVE)
        os.kill(worker_of(stack), signal.SIGKILL)
        killed = time.monotonic()
        dashboard.expect_status("failed", timeout=LONGEST * 1000)
        assert time.monotonic() - killed < LONGEST
    assert load.lost == []
    outcome = dashboard.page.get_by_role("alert")
    expect(outcome).to_contain_text("The process that carried out this deploy ended.")
    expect(outcome).to_contain_text("Release #1 still serves.")
    assert stack.get(host) == (200, "Open")
    assert images(stack) == before
    assert building(BUILD) == []


def worker_of(stack: Stack) -> int:
    [worker] = [number for number, line in stack.processes().items() if " kintohub.worker " in line]
    return worker


def images(stack: Stack) -> list[str]:
    """With a name: a finished step of the build that was cut off stays in the builder's cache."""
    with closing(docker.from_env()) as client:
        found = client.api.images(filters={"label": f"kintohub.installation={stack.installation}", "dangling": False})
    return sorted(each["Id"] for each in found)
