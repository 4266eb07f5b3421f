"""The operator's commands against a running installation."""

from __future__ import annotations

import json

from tests.e2e.stack import Stack

SERVICE = "production/hello-python"


def test_deploy_waits_and_releases_lists(stack: Stack) -> None:
    before = listed(stack)
    done = stack.manage("deploy", SERVICE, "--wait")
    assert done.returncode == 0, done.stdout + done.stderr
    number = before[0]["number"] + 1
    assert done.stdout.startswith(f"Release #{number} of {SERVICE} is queued.")
    assert f"Release #{number} is live at http://hello-python-" in done.stdout
    newest, previous = listed(stack)[:2]
    assert (newest["number"], newest["status"], newest["trigger"]) == (number, "live", "command")
    assert previous["status"] == "retired"
    assert newest["subject"] == "Add hello-python"


def test_a_service_that_does_not_exist(stack: Stack) -> None:
    done = stack.manage("deploy", "production/nothing")
    assert done.returncode == 1
    assert "There is no service “nothing”" in done.stderr
    assert "Traceback" not in done.stderr


def listed(stack: Stack) -> list[dict[str, object]]:
    done = stack.manage("releases", SERVICE, "--json")
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))
