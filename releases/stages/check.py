"""Check: every new instance must answer on its port, asked from outside the image, before it gets any traffic."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

from releases.stages.base import Context
from releases.stages.watch import Watch


def check(context: Context) -> None:
    """All instances at the same time. One that was ready and ends before the last one is fails the release too."""
    over = threading.Event()
    watches = [Watch(context, instance, over.is_set) for instance in context.release.instances.all()]
    for watch in watches:
        context.say(f"Waiting for {watch.label} to answer {watch.question}.")
    waiting = watches
    while waiting:  # more than once only within the grace of slow starters, which are allowed to start again
        _settle(waiting, over)
        waiting = [watch for watch in watches if not watch.still_runs()]
    for watch in watches:
        watch.keep_address()
    context.look_at_instances = partial(_look, watches)


def _look(watches: list[Watch]) -> None:
    for watch in watches:
        watch.look()


def _settle(watches: list[Watch], over: threading.Event) -> None:
    """Raises what the first of them raises, and lets the others end."""
    with ThreadPoolExecutor(len(watches), "check") as pool:
        try:
            for done in as_completed([pool.submit(watch.settle) for watch in watches]):
                done.result()
        finally:
            over.set()
    over.clear()
