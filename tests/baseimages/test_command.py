"""Programs of the host: nothing they start outlives them."""

from __future__ import annotations

import io
import os
import tarfile
import time
from functools import partial
from pathlib import Path

import pytest

from releases.baseimages.command import CommandFailed, run, tar
from releases.engine.base import Cancelled, Unavailable
from tests.baseimages.cast import never
from tests.waiting import until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces of its own need root")


def stays_away(path: Path) -> bool:
    """Nobody writes it again."""
    path.unlink(missing_ok=True)
    time.sleep(0.3)
    return not path.exists()


def later(seconds: float) -> float:
    return time.monotonic() + seconds


@needs_root
def test_output_and_environment() -> None:
    pieces: list[bytes] = []
    run(["sh", "-c", "echo $WORD; echo err >&2"], pieces.append, never, later(10), {"WORD": "hello"})
    assert b"".join(pieces) == b"hello\nerr\n"


@needs_root
def test_a_failure_names_the_program_and_its_exit_code() -> None:
    with pytest.raises(CommandFailed, match="^sh ended with exit code 3"):
        run(["sh", "-c", "exit 3"], lambda data: None, never, later(10))


@needs_root
@pytest.mark.parametrize(("cancelled", "seconds", "error"), [(True, 10, Cancelled), (False, 0.5, Unavailable)])
def test_its_children_are_killed(tmp_path: Path, cancelled: bool, seconds: float, error: type[Exception]) -> None:
    """At the limit only when there is one to kill."""
    alive, begun = tmp_path / "alive", []

    def wanted_no_more() -> bool:
        until(alive.exists)
        return cancelled

    script = f"(while :; do date > {alive}; sleep 0.05; done) & echo begun; wait"
    with pytest.raises(error):
        run(["setsid", "sh", "-c", script], begun.append, wanted_no_more, later(seconds))
    until(partial(stays_away, alive))


def test_a_tree_as_a_stream_without_what_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var/list").write_text("x")
    (tmp_path / "etc").write_text("kept")
    with tarfile.open(fileobj=io.BytesIO(b"".join(tar(tmp_path, ["./var/*"])))) as archive:
        assert sorted(archive.getnames()) == [".", "./etc", "./var"]


def test_a_tree_that_is_gone_fails(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="tar ended"):
        list(tar(tmp_path / "gone", []))
