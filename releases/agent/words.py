"""What happens to an instance, in a sentence for the console of its service."""

from __future__ import annotations

from releases.engine.observing import Event, Happening


def sentence(event: Event, source: str, has_ended: bool) -> str:
    """Empty for what needs no words. `has_ended`: it ran before, and is started again by the engine."""
    match event.happening:
        case Happening.STARTED:
            return f"{source} was started again." if has_ended else f"{source} started."
        case Happening.ENDED if event.asked:
            return f"{source} was stopped."
        case Happening.ENDED:
            code = "" if event.exit_code is None else f" with exit code {event.exit_code}"
            return f"{source} ended{code}."
        case Happening.OUT_OF_MEMORY:
            return f"{source} reached its memory limit, and a process in it was killed."
        case Happening.HEALTH:
            return f"{source} is {event.health}, says the health check of its image."
    return ""
