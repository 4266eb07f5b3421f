"""Reads a Dockerfile as the engine's builder does: escape directive, continued lines, comments between them, flags.

Where builders of different ages read a line differently it is refused, because what was judged must be what is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from releases.dockerfile.refused import Refused

# What the builder, written in Go, takes for a space at the beginning and end of a line. Python has others.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
KEYWORDS = frozenset(
    ("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER")
    + ("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]")
ESCAPE = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*(?P<token>[\\`])[ \t]*", re.IGNORECASE)
LIKE_ESCAPE = re.compile(r"#\s*escape\s*=\s*(?!\\\s*$)", re.IGNORECASE)
SYNTAX = re.compile(r"#\s*syntax\s*=\s*(?P<frontend>\S*)", re.IGNORECASE)
OFFICIAL_SYNTAX = re.compile(r"(?:docker\.io/)?docker/dockerfile(?:[:@]\S+)?")
HERE_DOCUMENT = re.compile(r"(?:^|\s)\d*<<-?[^<\s]")
FLAG = re.compile(r"--(?P<name>[a-z][a-z-]*)(?:=(?P<value>\S*))?(?:[ \t]+|$)")
SHOWN = 120  # characters of a line that a message repeats


@dataclass(frozen=True)
class Instruction:
    """`line` counts from 1; `keyword` in capitals; `rest` is what follows it and its flags, lines joined."""

    line: int
    keyword: str
    flags: tuple[tuple[str, str], ...]
    rest: str
    text: str

    def refuse(self, why: str) -> Refused:
        """The error for this line; `why` is a sentence."""
        return refused(self.line, self.keyword, self.text, why)


def parse(text: str) -> list[Instruction]:
    """Raises Refused for what is no Dockerfile, or may be read in two ways."""
    lines = text.removeprefix("\ufeff").split("\n")
    for number, line in enumerate(lines, 1):
        if CONTROL.search(line):
            raise refused(number, "", CONTROL.sub("?", line), "It has a character that is not text.")
    escape = _escape(lines)
    return [instruction(number, joined) for number, joined in _joined(lines, escape)]


def instruction(line: int, text: str) -> Instruction:
    """One instruction in one line, as it also stands behind ONBUILD."""
    word, _, rest = re.sub(r"[\t\v\f\r ]+", " ", text.strip(SPACES), count=1).partition(" ")
    keyword = word.upper() if word.isascii() else word
    if keyword not in KEYWORDS:
        raise refused(line, "", text, f"There is no instruction “{word[:30]}”.")
    flags, rest = _flags(line, keyword, text, rest.strip(SPACES))
    if keyword in ("RUN", "COPY", "ADD") and HERE_DOCUMENT.search(rest):
        raise refused(line, keyword, text, "Here-documents (<<) need a builder that this platform does not use.")
    return Instruction(line, keyword, flags, rest, text)


def refused(line: int, keyword: str, text: str, why: str) -> Refused:
    shown = " ".join(text.split())
    return Refused(line, keyword, shown if len(shown) <= SHOWN else shown[:SHOWN] + "…", why)


def _escape(lines: list[str]) -> str:
    """The character that continues a line. Only on line 1 do all builders see the directive."""
    found = ESCAPE.fullmatch(lines[0].rstrip("\r"))
    for number, line in enumerate(lines, 1):
        stripped = line.strip(SPACES)
        if stripped and not stripped.startswith("#"):
            break
        if LIKE_ESCAPE.match(stripped) and not (found and number == 1):
            raise refused(number, "", line, "An escape directive is `\\` or ` and stands on the first line.")
        frontend = SYNTAX.match(stripped)
        if frontend and not OFFICIAL_SYNTAX.fullmatch(frontend["frontend"]):
            raise refused(number, "", line, "Only Docker's own syntax (docker/dockerfile) is understood.")
    return found["token"] if found else "\\"


def _joined(lines: list[str], escape: str) -> Iterator[tuple[int, str]]:
    """Instructions with the line they begin on. Comments and empty lines inside a continued one are left out."""
    begun, pieces = 0, list[str]()
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r")
        if not line.strip(SPACES) or line.strip(SPACES).startswith("#"):
            continue
        piece = line if pieces else line.lstrip(SPACES)
        begun = begun if pieces else number
        ended = piece.rstrip(" \t")
        if ended.endswith(escape * 2):
            raise refused(number, "", line, f"Builders read a line that ends with {escape * 2} in different ways.")
        if ended.endswith(escape):
            pieces.append(ended[:-1])
            continue
        yield begun, "".join([*pieces, piece])
        pieces = []
    if pieces:
        yield begun, "".join(pieces)


def _flags(line: int, keyword: str, text: str, rest: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """The options in front. Quotes and escapes in one are refused: they hide what it says."""
    flags: list[tuple[str, str]] = []
    while rest.startswith("--"):
        found = FLAG.match(rest)
        value = (found["value"] or "") if found else ""
        if not found or any(mark in value for mark in "'\"\\`"):
            raise refused(line, keyword, text, "Write its options plainly: --name=value.")
        flags.append((found["name"], value))
        rest = rest[found.end() :].lstrip(SPACES)
    return tuple(flags), rest
