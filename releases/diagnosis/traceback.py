"""The last error that a program printed before it ended: what it is called, and where in the code it happened."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from releases.diagnosis.facts import LogLine

PYTHON_START = "Traceback (most recent call last):"
PYTHON_FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)')
PYTHON_END = re.compile(r"^(?P<name>[A-Za-z_][\w.]*)(?:: (?P<text>.*))?$")
# A class of errors at the beginning of a line; NodeJS may say first that nobody caught it, and adds a code.
NODE_ERROR = re.compile(
    r"^(?:Uncaught |\[)?(?P<name>(?:[A-Z]\w*)?(?:Error|Exception))(?: \[\w+\])?(?:: (?P<text>.*))?$"
)
NODE_FRAME = re.compile(r"^\s+at .*?\(?(?:file://)?(?P<file>/[^\s:()]+):(?P<line>\d+):\d+\)?")
NODE_HEAD = re.compile(r"^(?:file://)?(?P<file>/[^\s:]+\.[cm]?[jt]s):(?P<line>\d+)$")
FOREIGN = ("node_modules", "site-packages", "node:", "<frozen", "/usr/lib/", "/usr/local/lib/")
LONGEST_TEXT = 160
MAX_LINES = 8
LOOK_BACK = 6  # lines before the error's name in which NodeJS shows the place


@dataclass(frozen=True)
class Trace:
    """`place` is the file and line of the program's own code; `lines` show it."""

    name: str
    text: str
    place: str
    lines: tuple[LogLine, ...]


def last_trace(lines: Sequence[LogLine]) -> Trace | None:
    """Of Python or NodeJS; None where neither printed one."""
    return _python(lines) or _node(lines)


def _python(lines: Sequence[LogLine]) -> Trace | None:
    start = _last(lines, lambda text: text.strip() == PYTHON_START)
    if start is None:
        return _python_syntax(lines)
    for number in range(start + 1, len(lines)):
        text = lines[number].text
        if text and not text[0].isspace() and (match := PYTHON_END.match(text)):
            return _trace(match, lines[start : number + 1], PYTHON_FRAME)
    return None


def _python_syntax(lines: Sequence[LogLine]) -> Trace | None:
    """An error in the program's first file has no traceback above it."""
    end = _last(lines, lambda text: text.startswith(("SyntaxError: ", "IndentationError: ")))
    match = PYTHON_END.match(lines[end].text) if end is not None else None
    return _trace(match, lines[max(0, (end or 0) - 4) : (end or 0) + 1], PYTHON_FRAME) if match else None


def _node(lines: Sequence[LogLine]) -> Trace | None:
    end = _last(lines, lambda text: bool(NODE_ERROR.match(text)))
    match = NODE_ERROR.match(lines[end].text) if end is not None else None
    if match is None or end is None:
        return None
    around = [*lines[max(0, end - LOOK_BACK) : end], *lines[end : end + 12]]
    head = next((found for line in around if (found := NODE_HEAD.match(line.text)) and _own(found["file"])), None)
    shown = [line for line in around if NODE_HEAD.match(line.text) or NODE_FRAME.match(line.text) or line is lines[end]]
    trace = _trace(match, shown, NODE_FRAME)
    return Trace(trace.name, trace.text, _place(head) if head else trace.place, trace.lines)


def _trace(match: re.Match[str], lines: Sequence[LogLine], frame: re.Pattern[str]) -> Trace:
    frames = [found for line in lines if (found := frame.match(line.text))]
    own = [found for found in frames if _own(found["file"])]
    # Python tells the innermost call last, NodeJS first.
    nearest = (own[-1] if frame is PYTHON_FRAME else own[0]) if own else None
    text = (match["text"] or "").strip()[:LONGEST_TEXT]
    shown = lines if len(lines) <= MAX_LINES else [*lines[:1], *lines[1 - MAX_LINES :]]
    return Trace(match["name"], text, _place(nearest) if nearest else "", tuple(shown))


def _own(file: str) -> bool:
    return not any(part in file for part in FOREIGN)


def _place(match: re.Match[str]) -> str:
    return f"{match['file'].removeprefix('/app/')}, line {match['line']}"


def _last(lines: Sequence[LogLine], wanted: Callable[[str], bool]) -> int | None:
    return next((number for number in reversed(range(len(lines))) if wanted(lines[number].text)), None)
