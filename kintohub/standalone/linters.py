"""What is checked without running the product: style, types, layers, templates, migrations."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from kintohub.standalone import command, venv
from kintohub.standalone.progress import Progress
from kintohub.standalone.report import Part
from kintohub.standalone.settings import CHECKOUT
from kintohub.standalone.stop import Stop

# The longest first: they run two at a time.
LINTERS: dict[str, tuple[str, ...]] = {
    "mypy": ("mypy",),
    "migrations": ("python", "manage.py", "makemigrations", "--check", "--dry-run"),
    "layers": ("lint-imports", "--no-logo"),
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "djlint": ("djlint", "templates", "--lint", "--quiet"),
    "djlint format": ("djlint", "templates", "--check", "--quiet"),
}
SECONDS = 900.0


def run(variables: Mapping[str, str], progress: Progress) -> list[Part]:
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(_lint, name, line, variables, progress) for name, line in LINTERS.items()]
        try:
            return [job.result() for job in jobs]
        except BaseException:
            command.end_all()
            raise


def _lint(name: str, line: tuple[str, ...], variables: Mapping[str, str], progress: Progress) -> Part:
    began = time.monotonic()
    try:
        with progress.step(name):
            command.run([venv.program(line[0]), *line[1:]], variables, seconds=SECONDS, directory=CHECKOUT)
    except Stop as stop:
        progress.say(stop.details)
        return Part(name, time.monotonic() - began, fine=False)
    return Part(name, time.monotonic() - began)
