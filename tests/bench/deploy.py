"""`make bench-deploy`: how long deploys take on the platform, beside a shell script that does the same by hand.

Both sides deploy the same application from a repository of the same content, in turns, so that what else the machine
does hits both. A round is a first build, a build with one changed line, a change of configuration and a rollback.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from tests.bench import idle, readme
from tests.bench.app import App
from tests.bench.clicks import Session
from tests.bench.figures import median
from tests.bench.sides import Platform, Script
from tests.e2e.stack import Stack

ROUNDS = 9
SETTLE = 0.05  # seconds between the first and the last of the three successes that an instance needs by default
IDLE = 20.0  # seconds after which an installation that was just started is idle
REST = 2.0  # seconds after a deploy, in which the engine removes what was replaced
KINDS = {
    "first": "First build",
    "code": "One changed line, cached build",
    "config": "Configuration only",
    "rollback": "Rollback",
}
Times = dict[str, list[float]]


def main() -> None:
    stack = Stack(Path(tempfile.mkdtemp(prefix="kintohub-bench-")))
    try:
        stack.start()
        time.sleep(IDLE)
        memory = idle.megabytes(stack)
        session = Session(stack.port)
        session.log_in("operator", stack.password)
        platform, script, runs = _measure(stack, session)
        readme.publish("bench-deploy", _report(platform, script, runs, memory))
    finally:
        stack.stop()
        stack.engine.purge()
        shutil.rmtree(stack.data, ignore_errors=True)


def _measure(stack: Stack, session: Session) -> tuple[Times, Times, list[float]]:
    platform, script = defaultdict(list), defaultdict(list)
    runs: list[float] = []
    for number in range(1, ROUNDS + 1):
        ours, theirs = _sides(stack, session, number)
        try:
            for kind, mine, other in _round(ours, theirs):
                platform[kind].append(mine)
                script[kind].append(other)
                print(f"round {number}: {KINDS[kind]}: {mine:.2f} s, script {other:.2f} s", flush=True)
            runs.append(theirs.runs[-1])
        finally:
            theirs.close()
    return platform, script, runs


def _sides(stack: Stack, session: Session, number: int) -> tuple[Platform, Script]:
    seal = secrets.token_hex(4)
    place = stack.examples / "bench"
    ours = App(place / f"ours-{number}", f"ours {seal}")
    theirs = App(place / f"theirs-{number}", f"theirs {seal}")
    platform = Platform(stack, session, session.home(), ours, f"bench-{number}")
    return platform, Script(theirs, f"bench-{stack.installation}-{number}")


def _round(platform: Platform, script: Script) -> list[tuple[str, float, float]]:
    return [
        ("first", _rested(platform.first("one")), _rested(script.first("one"))),
        ("code", _rested(platform.code("two")), _rested(script.code("two"))),
        ("config", _rested(platform.config("other")), _rested(script.config("other"))),
        ("rollback", _rested(platform.rollback("one")), _rested(script.rollback())),
    ]


def _rested(seconds: float) -> float:
    time.sleep(REST)
    return seconds


def _report(platform: Times, script: Times, runs: list[float], memory: dict[str, float]) -> str:
    rows = [(KINDS[kind], *_row(median(platform[kind]), median(script[kind]))) for kind in KINDS]
    run = median(runs)
    rollback = (median(platform["rollback"]) - SETTLE) / run
    parts = ", ".join(f"{name} {size:.0f}" for name, size in sorted(memory.items(), key=lambda each: -each[1]))
    table = readme.table(("Deploy", "KintoHub", "shell script", "ratio"), rows)
    return f"""{table}

Medians of {ROUNDS}, from the click (or the start of the script) to the first answer of the new release at the public
address. The script (`tests/bench/deploy.sh`: git, `docker build`, `docker run`, `curl`) kills the old release first;
KintoHub replaces it without a gap; its undo window is off here, because the script has none. `docker run` alone needs
{run:.2f} s until the port answers; a rollback takes {rollback:.2f} times that, besides the {SETTLE:.2f} s in which its
instances have to settle.

Idle, all processes of the platform together use {sum(memory.values()):.0f} MB (PSS): {parts}."""


def _row(mine: float, other: float) -> tuple[str, str, str]:
    return f"{mine:.2f} s", f"{other:.2f} s", f"{mine / other:.2f} ×"


if __name__ == "__main__":
    main()
