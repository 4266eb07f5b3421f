"""`.dockerignore`: which files stay out of a build.

The engine uses an uploaded archive as it is, so the rules are applied here. They are Docker's: the last pattern that
matches decides, `!` brings back, a pattern that matches a folder takes all that is in it, `**` is any folders.
Patterns come from strangers, so nothing here backtracks without bound, as a regular expression made of them would.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

MAX_PATTERNS = 1000


@dataclass(frozen=True)
class Pattern:
    """`parts` are the names of the path, each a glob or `**`; `brings_back` for a line that starts with `!`."""

    parts: tuple[str, ...]
    brings_back: bool = False
    _known: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def matches(self, path: str) -> bool:
        """Whether the pattern matches the path itself or a folder that it is in."""
        parent = path.rpartition("/")[0]
        return (bool(parent) and self._matches_folder(parent)) or _match(self.parts, tuple(path.split("/")))

    def _matches_folder(self, path: str) -> bool:
        if path not in self._known:
            self._known[path] = self.matches(path)
        return self._known[path]


class IgnoreFile:
    """Patterns in their order. Lines beyond MAX_PATTERNS are not read."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.patterns = [pattern for line in lines if (pattern := _parse(line))][:MAX_PATTERNS]

    @classmethod
    def of(cls, text: str, implicit: Sequence[str] = ()) -> IgnoreFile:
        """`implicit` patterns come first, so that the text can bring back what they take."""
        return cls([*implicit, *text.removeprefix("\ufeff").splitlines()])

    def __len__(self) -> int:
        return len(self.patterns)

    def matches(self, path: str) -> bool:
        ignored = False
        for pattern in self.patterns:
            if pattern.brings_back == ignored and pattern.matches(path):
                ignored = not ignored
        return ignored


def _parse(line: str) -> Pattern | None:
    if line.startswith("#"):
        return None
    text = line.strip()
    brings_back = text.startswith("!")
    text = text.removeprefix("!").strip()
    if not text:
        return None
    path = posixpath.normpath(text).lstrip("/")
    parts = [piece for part in path.split("/") for piece in _pieces(part)]
    return Pattern(tuple(parts), brings_back) if path not in ("", ".") else None


def _pieces(part: str) -> list[str]:
    """`**name` means a name at any depth, `name**` one that begins so."""
    if part.startswith("**") and part.strip("*"):
        return ["**", part.lstrip("*")]
    return ["**"] if part.startswith("**") else [part]


def _match(parts: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Follows all ways through the pattern at once: `reached` holds the positions in it that fit the names so far."""
    reached = _skip_any(parts, {0})
    for name in names:
        step = set()
        for position in reached:
            if position == len(parts):
                continue
            if parts[position] == "**":
                step |= {position, position + 1} if position == len(parts) - 1 else {position}
            elif _match_name(parts[position], name):
                step.add(position + 1)
        reached = _skip_any(parts, step)
    return len(parts) in reached


def _skip_any(parts: tuple[str, ...], positions: set[int]) -> set[int]:
    """`**` may stand for no folder at all, except at the end: `a/**` is what is in `a`, not `a` itself."""
    found = set(positions)
    for position in range(len(parts) - 1):
        if position in found and parts[position] == "**":
            found.add(position + 1)
    return found


@lru_cache(maxsize=65536)
def _match_name(glob: str, name: str) -> bool:
    """One name against one glob, with one place to go back to: the last star."""
    pieces = _glob(glob)
    at = i = 0
    star, star_at = -1, 0
    while i < len(name):
        if at < len(pieces) and pieces[at] == "*":
            star, star_at = at, i
            at += 1
        elif at < len(pieces) and _fits(pieces[at], name[i]):
            at, i = at + 1, i + 1
        elif star >= 0:
            star_at += 1
            at, i = star + 1, star_at
        else:
            return False
    return all(piece == "*" for piece in pieces[at:])


@lru_cache(maxsize=4096)
def _glob(text: str) -> tuple[str, ...]:
    """`*`, `?`, `[...]` and single characters; `\\` takes a character's meaning away."""
    pieces, i = [], 0
    while i < len(text):
        end = text.find("]", i + 2) if text[i] == "[" else -1
        if text[i] == "\\" and i + 1 < len(text):
            pieces.append(text[i : i + 2])
            i += 2
        elif end > 0:
            pieces.append(text[i : end + 1])
            i = end + 1
        else:
            pieces.append(text[i])
            i += 1
    return tuple(pieces)


def _fits(piece: str, character: str) -> bool:
    if piece == "?":
        return True
    if piece.startswith("\\"):
        return piece[-1] == character
    if len(piece) > 1:
        return _in_class(piece[1:-1], character)
    return piece == character


def _in_class(inside: str, character: str) -> bool:
    wanted = not inside.startswith("^")
    inside, i = inside.removeprefix("^"), 0
    while i < len(inside):
        is_range = inside[i + 1 : i + 2] == "-" and i + 2 < len(inside)
        last = inside[i + 2] if is_range else inside[i]
        if inside[i] <= character <= last:
            return wanted
        i += 3 if is_range else 1
    return not wanted
