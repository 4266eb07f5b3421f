"""Resolve pyproject.toml into the hashed lock files, with a uv of its own that leaves nothing behind."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from kintohub.standalone import command, environment
from kintohub.standalone.progress import Progress
from kintohub.standalone.settings import CHECKOUT

# No address of a package index may stand in the files: whoever installs uses the one of their machine.
OPTIONS = (
    *("--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header"),
    *("--python-version", "3.11", "--quiet"),
)
# What is pinned stays while it fits; delete a file to take the newest of everything. Both files agree on versions.
FILES = {"runtime": (), "dev": ("--group", "dev", "--constraint", "requirements/runtime.txt")}


def resolve(progress: Progress) -> int:
    with tempfile.TemporaryDirectory(prefix="kintohub-lock-") as scratch:
        uv = _install_uv(Path(scratch), progress)
        for name, more in FILES.items():
            file = f"requirements/{name}.txt"
            with progress.step(f"Resolving {file}"):
                _run([uv, "pip", "compile", "pyproject.toml", *more, *OPTIONS, "-o", file])
    progress.say("requirements/ is up to date; run the tests before committing it.")
    return 0


def _install_uv(scratch: Path, progress: Progress) -> Path:
    with progress.step("Installing uv"):
        _run([sys.executable, "-m", "venv", str(scratch)])
        _run([scratch / "bin" / "pip", "install", "--quiet", "uv"])
    return scratch / "bin" / "uv"


def _run(arguments: list[str | Path]) -> None:
    command.run(arguments, environment.of_children(), seconds=600, directory=CHECKOUT)
