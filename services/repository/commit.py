"""One commit: its id and what people want to read of it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

FORMAT = "%H%x00%ct%x00%an%x00%s"
MAX_SUBJECT = 200
MAX_AUTHOR = 100
# CSI and OSC sequences of ECMA-48, then any other escape sequence.
ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\].*?(?:\x07|\x1b\\)|\x1b.?|\x9b[0-?]*[ -/]*[@-~]")
JOINER = "\N{ZERO WIDTH JOINER}"  # holds emoji together


@dataclass(frozen=True)
class Commit:
    """`subject` and `author` are single lines of bounded length without control characters; not escaped for HTML."""

    sha: str
    subject: str
    author: str
    time: datetime


def parse(output: bytes) -> Commit:
    """Output of `git log -1 --format=FORMAT`."""
    sha, time, author, subject = output.decode(errors="replace").rstrip("\n").split("\0", 3)
    # A commit may claim any time; datetime ends with the year 9999.
    seconds = min(int(time), 253402300799)
    return Commit(sha, clean(subject, MAX_SUBJECT), clean(author, MAX_AUTHOR), datetime.fromtimestamp(seconds, UTC))


def clean(text: str, length: int) -> str:
    """One line without colours, control characters and marks that turn the reading direction."""
    text = " ".join(ESCAPES.sub("", text).split())
    text = "".join(c for c in text if c == JOINER or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return text if len(text) <= length else text[: length - 1] + "…"
