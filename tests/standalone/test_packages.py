"""Missing system packages: decided by what works, told in one sentence."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from kintohub.standalone import packages
from kintohub.standalone.packages import Need
from kintohub.standalone.progress import Progress


def executable(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_program_on_the_path_is_present(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "kintohub-test-program")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert packages.program("kintohub-test-program").present


def test_a_program_that_is_nowhere_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not packages.program("kintohub-test-program").present


def test_a_file_that_cannot_be_executed_is_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "kintohub-test-program").chmod(0o644)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not packages.program("kintohub-test-program").present


def test_the_engine_is_needed_only_when_none_answers() -> None:
    assert "docker.io" in {need.package for need in packages.for_running(engine_answers=False)}
    assert "docker.io" not in {need.package for need in packages.for_running(engine_answers=True)}


def test_base_images_can_only_be_built_by_root() -> None:
    wanted = {need.package for need in packages.for_running(engine_answers=True)}
    assert ("debootstrap" in wanted) == (os.geteuid() == 0)


def test_tests_need_what_running_needs_and_a_browser() -> None:
    running = {need.package for need in packages.for_running(engine_answers=True)}
    tests = {need.package for need in packages.for_tests(engine_answers=True)}
    assert tests - running == {"chromium", "fonts-dejavu-core"}


def test_nothing_is_said_or_done_when_nothing_is_missing() -> None:
    output = io.StringIO()
    packages.ensure([Need("git", "git", present=True)], Progress(output))
    assert output.getvalue() == ""


def test_one_missing_package_on_debian() -> None:
    assert packages.sentence([Need("git", "git", present=False)], apt=True) == (
        "KintoHub needs git, which is not installed: "
        "run “sudo apt-get install --no-install-recommends git” and try again."
    )


def test_three_missing_packages_elsewhere() -> None:
    missing = [Need(name, name, present=False) for name in ("git", "haproxy", "dockerd")]
    assert packages.sentence(missing, apt=False) == (
        "KintoHub needs git, haproxy and dockerd, which are not installed: "
        "install with the system's package manager and try again."
    )
