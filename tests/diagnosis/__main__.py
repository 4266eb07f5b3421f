"""`python -m tests.diagnosis`: deploys every broken repository of the corpus on a real installation.

Names of cases choose some of them; only a run of all is written into the README. Exit code 1 if a goal is missed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench import readme
from tests.diagnosis.outside import drive
from tests.diagnosis.result import HEAD, Result, falls_short, summary
from tests.e2e.stack import Stack

PLACE = "bench-diagnosis"


class OpenStack(Stack):
    """An installation that takes repositories of a git server on this machine."""

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "KINTOHUB_GIT_PROTOCOLS": "https:http", "KINTOHUB_GIT_PRIVATE_HOSTS": "1"}


def main(names: list[str]) -> int:
    stack = OpenStack(Path(tempfile.mkdtemp(prefix="kintohub-diagnosis-")))
    results = []
    try:
        stack.start()
        for result in drive(stack, names):
            results.append(result)
            print(" | ".join((*result.row, result.sentence)), flush=True)
    finally:
        stack.stop()
        stack.engine.purge()
        shutil.rmtree(stack.data, ignore_errors=True)
    _report(sorted(results, key=lambda result: (result.expected, result.name)), whole=not names)
    return 1 if falls_short(results) else 0


def _report(results: list[Result], whole: bool) -> None:
    text = f"{summary(results)}\n\n{readme.table(HEAD, (result.row for result in results))}"
    if whole:
        readme.publish(PLACE, text)
    else:
        print(text)
    for goal in falls_short(results):
        print(f"Missed: {goal}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
