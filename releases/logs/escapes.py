"""Terminal output to plain text: of control sequences only colours stay, of a redrawn line its last frame."""

from __future__ import annotations

import re

_CSI = r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"
_STRING = r"\x1b[\]PX^_][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)"  # titles, links, images: up to their terminator
_OTHER = r"\x1b[ -/]{0,8}[0-~]|\x1b|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
_UNDECIDED = r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|[\]PX^_][^\x07\x1b\n]{0,4096}\x1b?|[ -/]{0,8})\Z"

COLOUR = re.compile(r"\x1b\[[0-9;:]{0,64}m")
_COLOUR_KEPT = r"(\x1b\[[0-9;:]{0,64}m)"
_CONTROL = re.compile(f"{_COLOUR_KEPT}|{_CSI}|{_STRING}|{_OTHER}")
_CONTROL_SO_FAR = re.compile(f"{_COLOUR_KEPT}|{_CSI}|{_STRING}|(?P<open>{_UNDECIDED})|{_OTHER}")
_HALF_COLOUR = re.compile(r"\x1b[^m]{0,66}\Z")
_LONGEST_COLOUR = 67


def clean(line: str, limit: int) -> str:
    """A complete raw line (no newline in it) as it is shown: at most `limit` characters."""
    if line.isprintable():
        return line[:limit]
    return _last_visible(_CONTROL.sub(r"\1", line).split("\r"), limit, limit)


def compact(line: str, limit: int) -> str:
    """A shorter unfinished line that becomes, with whatever follows, what `line` would have become."""
    done, still_open = _split_undecided(line)
    *frames, current = done.split("\r")
    room = limit + 2 * _LONGEST_COLOUR
    kept = [_last_visible([*frames, ""], limit, room)] if frames else []
    return "\r".join([*kept, _cut(current, room)]) + still_open


def progress(line: str, limit: int) -> str:
    """The newest finished frame of an unfinished line; empty when there is none."""
    done, _ = _split_undecided(line)
    *frames, _ = done.split("\r")
    return _last_visible([*frames, ""], limit, limit) if frames else ""


def without_colours(text: str) -> str:
    return COLOUR.sub("", text) if "\x1b" in text else text


def _split_undecided(line: str) -> tuple[str, str]:
    """Controls removed, and the start of a sequence at the end that only the next output decides."""
    still_open = ""

    def kept(match: re.Match[str]) -> str:
        nonlocal still_open
        still_open = match["open"] or ""
        return match[1] or ""

    return _CONTROL_SO_FAR.sub(kept, line), still_open


def _last_visible(frames: list[str], limit: int, room: int) -> str:
    """The last frame of which the first `limit` characters show something, cut to `room`."""
    for frame in reversed(frames):
        if without_colours(_cut(frame, limit)).strip():
            return _cut(frame, room)
    return _cut(frames[0], room) if len(frames) == 1 else ""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else _HALF_COLOUR.sub("", text[:limit])
