"""Gives a repository's own Dockerfile the labels that say whose the image is, where their step is done only once.

Written by the engine at the end they are a step of every build: 60 ms, and everything before it has changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from releases.dockerfile import shell
from releases.dockerfile.parsing import Instruction

PARSE_ERROR = re.compile(r"(?<=parse error line )\d+")


@dataclass(frozen=True)
class Marked:
    """`text` has `count` lines more than the repository's file, the first of them at line `line`."""

    text: str
    line: int
    count: int

    def retold(self, error: str) -> str:
        """What the builder says of the Dockerfile, with the line numbers of the repository's file."""
        return PARSE_ERROR.sub(lambda found: str(self._original(int(found[0]))), error)

    def _original(self, line: int) -> int:
        return line - self.count if line >= self.line + self.count else min(line, self.line)


def marked(text: str, instructions: Sequence[Instruction], mark: Mapping[str, str]) -> Marked | None:
    """None where no instruction follows on which the labels would have to wait.

    They stand behind the file's own labels in the last stage, which therefore cannot replace them.
    """
    begun = [index for index, one in enumerate(instructions) if one.keyword in ("FROM", "LABEL")]
    following = instructions[begun[-1] + 1 :] if begun else ()
    if not following:
        return None
    line = following[0].line
    labels = [shell.label(name, value) for name, value in mark.items()]
    lines = text.split("\n")
    return Marked("\n".join([*lines[: line - 1], *labels, *lines[line - 1 :]]), line, len(labels))
