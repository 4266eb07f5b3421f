"""Keep warm: the replaced release runs on for a while without traffic, so that going back is one move of the route."""

from __future__ import annotations

import time

from releases.models import Release
from releases.stages.base import Context
from releases.stages.lookout import Lookout

PAUSE = 0.25  # seconds


def keep_warm(context: Context, old: Release, lookout: Lookout) -> None:
    """Until the undo window is over, or there is nothing to go back for any more. Raises TakenBack, Stopped."""
    seconds = context.settings.undo_window
    lookout.offer_undo(seconds)
    context.say(
        f"Release #{old.number} runs on for {seconds} s without traffic: until then Undo goes back to it at once."
    )
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        context.lease.check()
        if not lookout.look():
            context.say(f"Release #{old.number} is not kept any longer: another release takes its turn.")
            return
        context.note(f"#{old.number} kept for undo, {left:.0f} s left")
        time.sleep(min(PAUSE, left))
