"""What a log shows of the steps."""

from __future__ import annotations

import io
import re

import pytest

from kintohub.standalone.progress import Progress
from tests.waiting import assert_becomes


def test_a_short_step_leaves_no_line() -> None:
    output = io.StringIO()
    with Progress(output).step("Quick"):
        pass
    assert output.getvalue() == ""


def test_a_long_step_is_shown_while_it_runs_and_with_its_time() -> None:
    output = io.StringIO()
    with Progress(output).step("Slow"):
        assert_becomes(output.getvalue, "Slow ...\n")
    assert re.fullmatch(r"Slow \.\.\.\ndone: Slow \([1-9]\d*\.\d s\)\n", output.getvalue())


def test_a_failing_step_is_always_shown() -> None:
    output = io.StringIO()
    with pytest.raises(ValueError, match="why"), Progress(output).step("Doomed"):
        raise ValueError("why")
    assert re.fullmatch(r"failed: Doomed \(\d+\.\d s\)\n", output.getvalue())


def test_control_characters_of_a_program_do_not_reach_the_terminal() -> None:
    with Progress(io.StringIO()).step("Any") as step:
        step.heard("\x1b[31mred\r\n")
    assert step.detail == "[31mred"
