"""Running other programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kintohub.standalone import command
from kintohub.standalone.settings import CHECKOUT
from kintohub.standalone.stop import Stop

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def test_output_of_a_failing_program_is_kept() -> None:
    with pytest.raises(Stop) as stop:
        command.run(["sh", "-c", "echo out; echo error >&2; exit 3"], ENVIRONMENT, seconds=10)
    assert str(stop.value).endswith("ended with 3.")
    assert stop.value.details == "out\nerror"


def test_lines_are_heard_as_they_come() -> None:
    heard: list[str] = []
    command.run(["sh", "-c", "echo one; echo two"], ENVIRONMENT, seconds=10, heard=heard.append)
    assert heard == ["one\n", "two\n"]


def test_time_runs_out_for_the_whole_family() -> None:
    began = time.monotonic()
    with pytest.raises(Stop, match="did not end within 1 s"):
        command.run(["sh", "-c", "sleep 60; true"], ENVIRONMENT, seconds=1)
    assert time.monotonic() - began < 10


def test_only_the_given_environment_arrives() -> None:
    heard: list[str] = []
    command.run(
        [sys.executable, "-c", "import os; print('HOME' in os.environ)"], ENVIRONMENT, seconds=10, heard=heard.append
    )
    assert heard == ["False\n"]


def test_a_failing_job_ends_the_others(tmp_path: Path) -> None:
    # In a process of its own: after the first failure a process starts no other program.
    script = """
import os
from kintohub.standalone import command
from kintohub.standalone.stop import Stop
run = lambda line: lambda: command.run(["sh", "-c", line], dict(os.environ), seconds=60)
try:
    command.together(run("sleep 50; true"), run("exit 7"))
except Stop as stop:
    print(stop)
"""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, timeout=40, check=True
    )
    assert "ended with" in done.stdout
    assert time.monotonic() - began < 20
