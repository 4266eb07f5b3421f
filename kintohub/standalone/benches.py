"""The commands that measure. Each writes its result into the README, so it runs on a whole installation of its own."""

from __future__ import annotations

import signal
from pathlib import Path

from kintohub.standalone import command, suite, venv
from kintohub.standalone.progress import Progress
from kintohub.standalone.settings import CHECKOUT

SECONDS = 3600.0
CLEAN_UP_SECONDS = 120.0  # for a stack to end after Ctrl-C


def switch(progress: Progress) -> int:
    """What visitors notice of fifty deploys and rollbacks, and what a switch costs with many routes."""
    return _run("tests.bench.switch", progress)


def proxy(progress: Progress) -> int:
    """Requests per second and p99 through the proxy against direct."""
    return _run("tests.bench.proxy", progress)


def deploy(progress: Progress) -> int:
    """How long deploys take beside a shell script that does the same, and the memory of an idle installation."""
    return _run("tests.bench.deploy", progress)


def diagnosis(progress: Progress) -> int:
    """Which causes of broken repositories are found, and which one click repairs."""
    return _run("tests.diagnosis", progress)


def logs(progress: Progress) -> int:
    """How long lines take from print to browser, for up to 200 viewers, and what they cost."""
    return _run("tests.bench.logs", progress)


def consoles(progress: Progress) -> int:
    """What the agent costs while 50 instances print, how soon their consoles show it, and what a killed agent loses."""
    return _run("tests.bench.consoles", progress)


def _run(module: str, progress: Progress) -> int:
    suite.prepare(progress)
    with suite.variables() as chosen:
        line: list[str | Path] = [venv.program("python"), "-m", module]
        return command.show(
            line, chosen, seconds=SECONDS, directory=CHECKOUT, ask=signal.SIGINT, grace=CLEAN_UP_SECONDS
        )
