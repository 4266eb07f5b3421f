"""`python -m tests.faults`: every fault at every stage, on a real installation. Exit code 1 if one falls short."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.e2e.stack import Stack
from tests.faults import cell
from tests.faults.bench import NAME, Bench
from tests.faults.faults import FAULTS
from tests.faults.stages import STAGES


def main(arguments: list[str]) -> int:
    """Arguments choose faults and stages by name; none of a kind means all."""
    faults = [name for name in FAULTS if name.lower().replace(" ", "-") in arguments] or list(FAULTS)
    stages = [name for name in STAGES if name in arguments] or list(STAGES)
    stack = Stack(Path(tempfile.mkdtemp(prefix="kintohub-faults-")))
    short = 0
    try:
        stack.start()
        bench = Bench(stack, stack.examples / NAME)
        bench.create()
        print(cell.HEADER, flush=True)
        for fault in faults:
            for stage in stages:
                result = cell.run(bench, fault, stage)
                short += bool(result.problems or result.slow)
                print(result.row(), flush=True)
    finally:
        stack.stop()
        stack.engine.purge()
        shutil.rmtree(stack.data, ignore_errors=True)
    print(f"{len(faults) * len(stages) - short} of {len(faults) * len(stages)} cells as they should be")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
