"""Runs a program of the host with a deadline and a cancel check; nothing it started outlives it."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from releases.engine.base import Cancel, Cancelled, EngineError, Unavailable

PAUSE = 0.25
PIECE = 64 * 1024
END_SECONDS = 10
# Its own process and mount namespace: killing `unshare` kills everything inside, and its mounts go with it.
APART = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--")


class CommandFailed(EngineError):
    """The program ended with an error."""


def run(
    command: Sequence[str],
    feed: Callable[[bytes], None],
    cancelled: Cancel,
    deadline: float,
    environment: Mapping[str, str] | None = None,
    keep_open: Sequence[int] = (),
) -> None:
    """Run in namespaces of its own; `feed` takes the output. Raises Cancelled, CommandFailed, Unavailable when late."""
    with _started(
        [*APART, *command],
        stderr=subprocess.STDOUT,
        env={**os.environ, "LC_ALL": "C", **(environment or {})},
        pass_fds=tuple(keep_open),
    ) as (process, output):
        _follow(output, command[0], feed, cancelled, deadline)
        _expect_success(process, command[0])


def tar(directory: Path, exclude: Sequence[str]) -> Iterator[bytes]:
    """The content of a directory with numeric owners. Raises CommandFailed."""
    options = [f"--exclude={pattern}" for pattern in exclude]
    with _started(["tar", "--numeric-owner", *options, "-C", str(directory), "-c", "."]) as (process, output):
        while piece := output.read(PIECE):
            yield piece
        _expect_success(process, "tar")


@contextmanager
def _started(command: Sequence[str], **options: Any) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """The process and its output; on the way out it is killed if it still runs."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **options) as process:
        assert process.stdout  # noqa: S101 (because of PIPE)
        try:
            yield process, process.stdout
        finally:
            process.kill()


def _expect_success(process: subprocess.Popen[bytes], name: str) -> None:
    """For a process that has closed its output. Raises CommandFailed."""
    if code := process.wait(timeout=END_SECONDS):
        raise CommandFailed(f"{name} ended with exit code {code}.")


def _follow(output: IO[bytes], name: str, feed: Callable[[bytes], None], cancelled: Cancel, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if cancelled():
                raise Cancelled(f"{name} was cancelled.")
            if time.monotonic() > deadline:
                raise Unavailable(f"{name} did not end in time.")
            if selector.select(PAUSE):
                data = os.read(output.fileno(), PIECE)
                if not data:
                    return
                feed(data)
