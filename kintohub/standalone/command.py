"""Run other programs: with a time limit, their output shown when they fail, none left when we are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from kintohub.standalone.stop import Stop

KEPT_LINES = 60  # of a failed command's output
GRACE = 5.0  # seconds between asking a program to end and killing it

Arguments = Sequence[str | Path]
Environment = Mapping[str, str]
Heard = Callable[[str], None]

# Set once we are ending: nothing new is started any more, and whoever waits stops waiting.
ending = threading.Event()
_running: set[subprocess.Popen[str]] = set()
_starting = threading.Lock()  # held from the look at `ending` until the new program is known


def run(
    arguments: Arguments,
    environment: Environment,
    *,
    seconds: float,
    directory: Path | None = None,
    heard: Heard | None = None,
) -> None:
    """Wait for the program; `heard` gets each line of its output. Raises Stop with the last lines when it fails."""
    process = _start(arguments, environment, directory, subprocess.PIPE)
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        _end(process)

    limit = threading.Timer(seconds, expire)
    limit.start()
    try:
        for line in process.stdout or ():
            kept.append(line.rstrip())
            if heard:
                heard(line)
        code = process.wait()
    finally:
        limit.cancel()
        _end(process)
        if process.stdout:
            process.stdout.close()
    if code:
        why = f"did not end within {seconds:.0f} s" if expired.is_set() else f"ended with {code}"
        raise Stop(f"“{_name(arguments)}” {why}.", "\n".join(kept))


def show(
    arguments: Arguments,
    environment: Environment,
    *,
    seconds: float,
    directory: Path | None = None,
    ask: signal.Signals = signal.SIGTERM,
    grace: float = GRACE,
) -> int:
    """Wait for the program while its output goes straight to the person; its exit code (124 when time ran out).

    When it is interrupted, the signal `ask` and `grace` seconds let it clean up after itself.
    """
    process = _start(arguments, environment, directory, None)
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return 124
    finally:
        _end(process, ask, grace)


def together(*jobs: Callable[[], object]) -> None:
    """Run the jobs at the same time. The first failure, or an interrupt, ends the programs of the others."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for future in wait(futures, return_when=FIRST_EXCEPTION).done:
                future.result()
        except BaseException:
            end_all()
            raise


def end_all() -> None:
    """End every program that runs, and start no other."""
    with _starting:
        ending.set()
        left = list(_running)
    for process in left:
        _end(process)


def _start(
    arguments: Arguments, environment: Environment, directory: Path | None, output: int | None
) -> subprocess.Popen[str]:
    with _starting:
        if ending.is_set():
            raise Stop("Stopped.")
        # A session of its own: Ctrl-C reaches only us, and we end it with everything it started.
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        _running.add(process)
    return process


def _end(process: subprocess.Popen[str], ask: signal.Signals = signal.SIGTERM, grace: float = GRACE) -> None:
    _running.discard(process)
    for number in (ask, signal.SIGKILL):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=grace)


def _name(arguments: Arguments) -> str:
    return " ".join([Path(arguments[0]).name, *(str(argument) for argument in arguments[1:3])])
