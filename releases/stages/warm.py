"""Keep warm: the replaced release runs on for a while without traffic, so that going back is one move of the route."""

from __future__ import annotations

import time

from releases.downtime import memory_is_short
from releases.engine.base import EngineError
from releases.models import Release
from releases.stages.base import Context
from releases.stages.lookout import Lookout

PAUSE = 0.25  # seconds
MEMORY_LOOK = 5.0  # seconds between two looks at the memory of the engine's machine


def keep_warm(context: Context, old: Release, lookout: Lookout) -> None:
    """Until the undo window is over, or there is no room or no reason for it any more. Raises TakenBack, Stopped."""
    seconds = context.settings.undo_window
    lookout.offer_undo(seconds)
    context.say(
        f"Release #{old.number} runs on for {seconds} s without traffic: until then Undo goes back to it at once."
    )
    deadline, memory_look = time.monotonic() + seconds, time.monotonic()
    while (left := deadline - time.monotonic()) > 0:
        context.lease.check()
        if not lookout.look():
            context.say(f"Release #{old.number} is not kept any longer: another release takes its turn.")
            return
        if time.monotonic() >= memory_look:
            memory_look = time.monotonic() + MEMORY_LOOK
            if _memory_is_short(context):
                context.say(f"Release #{old.number} is not kept for Undo: memory is short on the engine's machine.")
                return
        context.note(f"#{old.number} kept for undo, {left:.0f} s left")
        time.sleep(min(PAUSE, left))


def _memory_is_short(context: Context) -> bool:
    """An engine that does not tell is no reason to give the way back up."""
    try:
        return memory_is_short(context.engine)
    except EngineError:
        return False
