"""Collect the static files, when they or the packages that bring some have changed."""

from __future__ import annotations

from pathlib import Path

from kintohub.standalone import command, stamps, venv
from kintohub.standalone.progress import Progress
from kintohub.standalone.settings import CHECKOUT

SOURCES = (CHECKOUT / "static", CHECKOUT / "kintohub" / "settings.py", venv.LOCKS / "runtime.txt")


def ensure(data: Path, variables: dict[str, str], progress: Progress) -> None:
    stamp = data / "static.stamp"
    wanted = stamps.of_files(SOURCES)
    if stamps.read(stamp) == wanted and (data / "static" / "staticfiles.json").exists():
        return
    with progress.step("Collecting static files"):
        collect: list[str | Path] = [
            venv.program("python"),
            "manage.py",
            "collectstatic",
            "--no-input",
            "--clear",
            "--verbosity",
            "0",
        ]
        command.run(collect, variables, seconds=300, directory=CHECKOUT)
    stamp.write_text(wanted)
