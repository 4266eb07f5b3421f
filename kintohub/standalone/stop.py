"""The way set-up ends early: with a sentence for the person, never a traceback."""

from __future__ import annotations


class Stop(Exception):
    """What is wrong and what to do, in one sentence. `details` is the output that shows it, if any."""

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details
