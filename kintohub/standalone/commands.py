"""The commands of the Makefile, and how each ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import FrameType

from kintohub.standalone import benches, clean, listing, lock_files, run, suite
from kintohub.standalone.progress import Progress
from kintohub.standalone.stop import Stop

COMMANDS: dict[str, Callable[[Progress], int]] = {
    "help": listing.show,
    "run": run.run,
    "test": suite.everything,
    "test-fast": suite.fast,
    "test-postgres": suite.on_postgres,
    "test-languages": suite.languages,
    "test-faults": suite.faults,
    "bench-switch": benches.switch,
    "bench-proxy": benches.proxy,
    "bench-deploy": benches.deploy,
    "bench-diagnosis": benches.diagnosis,
    "bench-logs": benches.logs,
    "bench-consoles": benches.consoles,
    "lint": suite.lint,
    "screenshots": suite.screenshots,
    "lock": lock_files.resolve,
    "clean": clean.clean,
}
INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


def main(arguments: list[str]) -> int:
    """Exit code: 0 when all went well, 1 when something is missing or failed, 130 after Ctrl-C in set-up or tests."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python3 -m kintohub.standalone {{{','.join(COMMANDS)}}}", file=sys.stderr)
        return 2
    _be_interruptible()
    progress = Progress()
    try:
        return COMMANDS[arguments[0]](progress)
    except KeyboardInterrupt:
        progress.say("Stopped.")
        return INTERRUPTED
    except Stop as stop:
        if stop.details:
            progress.say(stop.details)
        progress.say(str(stop))
        return 1


def _be_interruptible() -> None:
    """All three end us in the same way. SIGINT also where a script's `&` turned it off; SIGHUP not after `nohup`."""
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
