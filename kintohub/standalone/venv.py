"""The virtual environment beside the code, filled from the hashed lock files."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kintohub.standalone import command, environment, stamps
from kintohub.standalone.progress import Progress
from kintohub.standalone.settings import CHECKOUT

VENV = CHECKOUT / ".venv"
LOCKS = CHECKOUT / "requirements"


def program(name: str) -> Path:
    return VENV / "bin" / name


def ensure(kind: str, progress: Progress) -> None:
    """`kind` is `runtime` or `dev`; the latter holds the former. Does nothing when it is there already."""
    with _alone():
        if _complete(kind):
            return
        if _made_by() != _maker():
            with progress.step("Making the Python environment") as step:
                _run([_base_python(), "-m", "venv", "--clear", str(VENV)], step.heard)
            _stamp("python").write_text(_maker())
        with progress.step("Installing Python packages") as step:
            _run([str(program("python")), *_install(kind)], step.heard)
        _record(kind)


def _base_python() -> str:
    """Not the environment's own interpreter: it would be cleared away under itself."""
    return getattr(sys, "_base_executable", "") or sys.executable


def _complete(kind: str) -> bool:
    return _made_by() == _maker() and stamps.read(_stamp(kind)) == _wanted(kind)


def _install(kind: str) -> list[str]:
    # The lock file is complete and every package has a wheel, so nothing is resolved and nothing is compiled.
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check"]
    return ["-m", "pip", "install", *options, "-r", str(LOCKS / f"{kind}.txt")]


def _record(kind: str) -> None:
    """What is installed now: the packages for tests include those for running, not the other way round."""
    _stamp("runtime").write_text(_wanted("runtime"))
    if kind == "dev":
        _stamp("dev").write_text(_wanted("dev"))
    else:
        _stamp("dev").unlink(missing_ok=True)


def _wanted(kind: str) -> str:
    return stamps.of_files([LOCKS / f"{kind}.txt"])


def _stamp(kind: str) -> Path:
    return VENV / f".{kind}"


def _maker() -> str:
    # The place counts: programs of a virtual environment hold its path, so a moved one is made again.
    return f"{sys.version_info[:2]} {VENV}"


def _made_by() -> str:
    return stamps.read(_stamp("python")) if program("python").exists() else ""


def _run(arguments: list[str], heard: command.Heard) -> None:
    command.run(arguments, environment.of_children(), seconds=1800, heard=heard)


@contextmanager
def _alone() -> Iterator[None]:
    """Two commands in one checkout fill the environment one after the other."""
    handle = os.open(LOCKS, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
