"""The runner: bounds hold, nothing is left running, nothing of this machine's configuration gets in."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.repository import git
from services.repository.errors import Cancelled
from tests.repository.repositories import make_repository
from tests.repository.server import serve, serving, trickle
from tests.waiting import assert_becomes

HTTP = {"GIT_ALLOW_PROTOCOL": "http"}


def processes_with(text: str) -> list[str]:
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            words = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in words:
            found.append(words)
    return found


@pytest.fixture
def slow_server() -> Iterator[str]:
    with serving(trickle) as url:
        yield url


def test_an_error_carries_code_and_text() -> None:
    with pytest.raises(git.GitFailed) as caught:
        git.run(["no-such-command"])
    assert caught.value.code == 1
    assert "no-such-command" in caught.value.text


def test_output_is_bounded(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "app", {"big": "x" * 100_000})
    with pytest.raises(git.TooMuch):
        git.run(["cat-file", "blob", "HEAD:big"], directory=repository / ".git", bounds=git.Bounds(output=1000))


def test_own_configuration_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Somebody\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'user.name=Somebody'")
    assert b"Somebody" not in git.run(["config", "--list"])
    assert b"credential.helper=\n" in git.run(["config", "--list"])


def test_no_protocol_without_being_named(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "app", {"a": "1"})
    with pytest.raises(git.GitFailed) as caught:
        git.run(["ls-remote", "--", f"file://{repository}"])
    assert "not allowed" in caught.value.text
    assert git.run(["ls-remote", "--", f"file://{repository}"], environment={"GIT_ALLOW_PROTOCOL": "file"})


def test_a_trickling_server_is_given_up(slow_server: str) -> None:
    bounds = git.Bounds(seconds=60, slow_seconds=1)
    with pytest.raises(git.GitFailed) as caught:
        git.run(["ls-remote", "--", f"{slow_server}app"], environment=HTTP, bounds=bounds)
    assert "too slow" in caught.value.text


def test_the_clock_ends_git_and_its_helpers(slow_server: str) -> None:
    with pytest.raises(git.TimedOut):
        git.run(["ls-remote", "--", f"{slow_server}app"], environment=HTTP, bounds=git.Bounds(seconds=0.7))
    assert_becomes(lambda: processes_with(slow_server), [])


def test_one_that_does_not_die_does_not_hide_why_it_was_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []

    class Stuck:
        returncode, pid, stdout, stderr = None, 1, None, None

        def wait(self, seconds: float) -> int:
            raise subprocess.TimeoutExpired("git", seconds)

    monkeypatch.setattr(os, "killpg", lambda _, number: sent.append(number))
    git._end(Stuck())  # type: ignore[arg-type]
    assert sent[:2] == [signal.SIGTERM, signal.SIGKILL]


def test_cancelling_ends_git_and_its_helpers(slow_server: str) -> None:
    seen: list[str] = []

    def cancelled() -> bool:
        seen.extend(processes_with(slow_server))
        return any("remote-http" in words for words in seen)

    with pytest.raises(Cancelled):
        git.run(["ls-remote", "--", f"{slow_server}app"], environment=HTTP, cancelled=cancelled)
    assert_becomes(lambda: processes_with(slow_server), [])


def test_a_helper_that_ignores_polite_requests_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\ntrap '' TERM\nsleep 54321 & sleep 54321\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(git.TimedOut):
        git.run(["anything"], bounds=git.Bounds(seconds=0.3))
    assert_becomes(lambda: processes_with("sleep 54321"), [])


def test_closing_the_stream_ends_git(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "app", {"big": "x" * 5_000_000})
    pieces = git.stream(["cat-file", "blob", "HEAD:big"], directory=repository / ".git")
    assert next(pieces)
    pieces.close()
    assert_becomes(lambda: processes_with(str(repository)), [])


def test_file_size_is_bounded(tmp_path: Path) -> None:
    make_repository(tmp_path / "app", {"noise": os.urandom(300_000).hex()})
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "copy")], check=True)
    with serve(tmp_path) as url, pytest.raises(git.GitFailed) as caught:
        git.run(
            ["fetch", "--depth=1", "--", f"{url}app", "main"],
            directory=tmp_path / "copy",
            environment=HTTP,
            bounds=git.Bounds(file_bytes=100_000),
        )
    assert "File too large" in caught.value.text


def test_threads_may_run_git_at_once(tmp_path: Path) -> None:
    results: list[bytes] = []
    threads = [threading.Thread(target=lambda: results.append(git.run(["version"]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8 and len(set(results)) == 1
