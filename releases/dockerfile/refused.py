"""Why a repository's own Dockerfile is not built."""

from __future__ import annotations


class Refused(Exception):
    """The text is a sentence that shows the line. `line` counts from 1; `instruction` is its keyword, if it has one;
    `shown` is the line itself, shortened.
    """

    code = "dockerfile-refused"

    def __init__(self, line: int, instruction: str, shown: str, why: str) -> None:
        super().__init__(f"Line {line} of the Dockerfile is not allowed: “{shown}”. {why}")
        self.line = line
        self.instruction = instruction
        self.shown = shown
        self.why = why
