"""The test commands: set up what tests need, run the parts, say how each went."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kintohub.standalone import (
    command,
    engine,
    environment,
    installation,
    linters,
    memory,
    packages,
    postgres,
    report,
    venv,
)
from kintohub.standalone.progress import Progress
from kintohub.standalone.report import Part
from kintohub.standalone.settings import CHECKOUT

RESULTS = CHECKOUT / "test-results"
SERVERS = "engine or proxy or redis"
PAGES = "browser or e2e"
PART_SECONDS = 3600.0
CLEAN_UP_SECONDS = 60.0  # for fixtures to end their servers after Ctrl-C

# Name and pytest's arguments. Four processes for two cores: many tests wait for a limit or for another process.
FOUR = ("-n", "4", "--dist", "worksteal")
# Of what waits for servers, and of files whose fixtures are dear.
TWO = ("-n", "2", "--dist", "loadfile")
UNIT = ("unit tests", ("-m", f"not ({SERVERS} or {PAGES})", *FOUR))
# Each process has an installation of its own on the engine.
CONTRACTS = ("engine, proxy, Redis", ("-m", f"({SERVERS}) and not ({PAGES})", *TWO))
# What would say the same again on another database is left out.
ON_DATABASE = ("unit tests", ("-m", f"database and not ({SERVERS} or {PAGES})", *FOUR))
STORED = ("Redis, reconcile", ("-m", f"database and ({SERVERS}) and not ({PAGES})", *TWO))
# Apart from the others, as Playwright's own event loop breaks asynchronous tests of the same process; and from whole
# installations, as Chromium gives up what it is loading whenever a container starts.
BROWSER = ("browser", ("-m", "browser", *TWO))
# Two installations side by side: each mostly waits, for a lease or a build.
WHOLE = ("whole installation", ("-m", "e2e", *TWO))
LANGUAGES = ("languages", ("-m", "languages"))
PICTURES = ("screenshots", ("-m", "e2e"))

Tests = tuple[str, tuple[str, ...]]
Variables = Mapping[str, str]


def everything(progress: Progress) -> int:
    prepare(progress)
    with variables() as chosen:
        parts = linters.run(chosen, progress)
        parts += in_memory([UNIT, BROWSER], chosen, progress)
        parts += pytest([CONTRACTS, WHOLE], chosen, progress)
        return conclude(parts, progress)


def fast(progress: Progress) -> int:
    venv.ensure("dev", progress)
    with variables() as chosen:
        return conclude(in_memory([UNIT], chosen, progress), progress)


def lint(progress: Progress) -> int:
    venv.ensure("dev", progress)
    with variables() as chosen:
        parts = linters.run(chosen, progress)
    progress.say(report.table(parts))
    return 0 if all(part.fine for part in parts) else 1


def on_postgres(progress: Progress) -> int:
    prepare(progress)
    with variables() as chosen, postgres.server(progress) as address:
        stored = {**chosen, "KINTOHUB_DATABASE_URL": address}
        return conclude([*in_memory([ON_DATABASE], stored, progress), *pytest([STORED], stored, progress)], progress)


def screenshots(progress: Progress) -> int:
    """The end-to-end tests save the pictures of the README where KINTOHUB_SCREENSHOTS says."""
    prepare(progress)
    with variables() as chosen:
        pictures = {**chosen, "KINTOHUB_SCREENSHOTS": str(CHECKOUT / "docs" / "images")}
        return conclude(pytest([PICTURES], pictures, progress), progress)


def languages(progress: Progress) -> int:
    """Every language of the table: its base image from Debian packages, a build, an answer. Takes long."""
    prepare(progress)
    with variables() as chosen:
        return conclude(pytest([LANGUAGES], chosen, progress), progress)


def faults(progress: Progress) -> int:
    """Every fault at every stage, as a table. It restarts the Docker engine."""
    prepare(progress)
    with variables() as chosen:
        line: list[str | Path] = [venv.program("python"), "-m", "tests.faults"]
        return command.show(line, chosen, seconds=2 * PART_SECONDS, directory=CHECKOUT, ask=signal.SIGINT, grace=120)


def prepare(progress: Progress) -> None:
    """System packages, Python packages and the engine that the tests of servers and browser need."""
    answering = engine.answers(engine.socket_path(os.environ))
    packages.ensure(packages.for_tests(answering), progress)
    command.together(
        lambda: venv.ensure("dev", progress),
        lambda: engine.ensure(os.environ, RESULTS / "dockerd.log", progress),
    )


@contextmanager
def variables() -> Iterator[dict[str, str]]:
    """An installation that exists only while the tests run; settings of a real one never reach them."""
    with tempfile.TemporaryDirectory(prefix="kintohub-suite-") as data:
        kept = {name: value for name, value in environment.of_children().items() if not name.startswith("KINTOHUB_")}
        made = {name: make() for name, make in installation.MADE.items()}
        yield kept | made | {"KINTOHUB_DATA": data, "DJANGO_SETTINGS_MODULE": "tests.settings"}


def in_memory(runs: list[Tests], chosen: Variables, progress: Progress) -> list[Part]:
    """Their files are in memory where that can be. The name is short: paths of sockets end after 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="kh-", dir=memory.place()) as files:
        return pytest(runs, {**chosen, "TMPDIR": files}, progress)


def pytest(runs: list[Tests], chosen: Variables, progress: Progress) -> list[Part]:
    return [_pytest(name, arguments, chosen, progress) for name, arguments in runs]


def _pytest(name: str, arguments: tuple[str, ...], chosen: Variables, progress: Progress) -> Part:
    progress.say(f"== {name}")
    began = time.monotonic()
    junit = RESULTS / "junit" / f"{name.replace(', ', '-').replace(' ', '-')}.xml"
    junit.unlink(missing_ok=True)
    line: list[str | Path] = [venv.program("python"), "-m", "pytest", "-q", *arguments, f"--junitxml={junit}"]
    code = command.show(
        line, chosen, seconds=PART_SECONDS, directory=CHECKOUT, ask=signal.SIGINT, grace=CLEAN_UP_SECONDS
    )
    return report.of_pytest(name, time.monotonic() - began, code, junit)


def conclude(parts: list[Part], progress: Progress) -> int:
    progress.say()
    progress.say(report.table(parts))
    progress.say(report.closing(parts))
    return 0 if all(part.fine for part in parts) else 1
