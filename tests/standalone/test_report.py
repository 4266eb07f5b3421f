"""Counts at the end of a test run."""

from __future__ import annotations

from pathlib import Path

from kintohub.standalone import report
from kintohub.standalone.report import Part

JUNIT = '<testsuites><testsuite tests="10" failures="1" errors="2" skipped="3"/></testsuites>'


def junit(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "junit.xml"
    file.write_text(text)
    return file


def test_counts_come_from_pytests_report(tmp_path: Path) -> None:
    part = report.of_pytest("unit", 1.0, 1, junit(tmp_path, JUNIT))
    assert part == Part("unit", 1.0, fine=False, passed=4, failed=3, skipped=3)


def test_a_run_that_broke_counts_as_a_failure(tmp_path: Path) -> None:
    assert report.of_pytest("unit", 1.0, 2, tmp_path / "none.xml").failed == 1


def test_a_run_without_tests_is_not_fine(tmp_path: Path) -> None:
    part = report.of_pytest("unit", 1.0, 5, junit(tmp_path, '<testsuites><testsuite tests="0"/></testsuites>'))
    assert (part.fine, part.passed, part.failed) == (False, 0, 1)


def test_the_closing_line_adds_up() -> None:
    parts = [Part("mypy", 1.0), Part("a", 1.0, True, 7, 0, 1), Part("b", 1.0, False, 2, 1, 0)]
    assert report.closing(parts) == "9 passed, 1 failed"


def test_the_table_has_a_line_for_each_part() -> None:
    lines = report.table([Part("mypy", 12.3), Part("unit tests", 4.0, False, 2, 1, 0)]).splitlines()
    assert lines[0].startswith("ok     mypy")
    assert lines[0].endswith("12.3 s")
    assert lines[1] == "FAILED unit tests     2 passed   1 failed   0 skipped     4.0 s"
