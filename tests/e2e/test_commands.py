"""The operator's commands against a running installation."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.apps import Origin, python_app, server
from tests.e2e.dashboard import Dashboard
from tests.e2e.stack import Stack

SERVICE = "staging/ferry"


def test_deploy_waits_and_releases_lists(dashboard: Dashboard, stack: Stack, place: Path, tmp_path: Path) -> None:
    """The command waits for the end of the log, and for the undo window before that."""
    origin = Origin(place / "ferry.git", tmp_path / "ferry", python_app(server("Ahoy")), "Call ahoy")
    dashboard.create(origin.place, Undo_Window="2")
    dashboard.expect_status("live")
    assert [release["number"] for release in listed(stack)] == [1]
    done = stack.manage("deploy", SERVICE, "--wait")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"Release #2 of {SERVICE} is queued.")
    assert "Release #2 is live at http://ferry-" in done.stdout
    newest, previous = listed(stack)
    assert (newest["number"], newest["status"], newest["trigger"]) == (2, "live", "command")
    assert previous["status"] == "retired"
    assert newest["subject"] == "Call ahoy"


def test_a_service_that_does_not_exist(stack: Stack) -> None:
    done = stack.manage("deploy", "production/nothing")
    assert done.returncode == 1
    assert "There is no service “nothing”" in done.stderr
    assert "Traceback" not in done.stderr


def listed(stack: Stack) -> list[dict[str, object]]:
    done = stack.manage("releases", SERVICE, "--json")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))
