"""What an entry of the catalogue is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from releases.diagnosis.facts import Facts, LogLine
from releases.diagnosis.shortcut import Shortcut

MAX_EVIDENCE = 10


class Confidence(IntEnum):
    """How sure a finding is. HIGH is for what the facts leave no doubt about."""

    GUESS = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True)
class Finding:
    """`sentence` is for the user; `evidence` are the lines of the log that show it."""

    confidence: Confidence
    sentence: str
    evidence: tuple[LogLine, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()


Match = Callable[[Facts], Finding | None]


@dataclass(frozen=True)
class Cause:
    """`title`, `looks_at` and `offers` are the documentation: what it is, by what it is found, what is proposed."""

    code: str
    title: str
    looks_at: str
    offers: str
    match: Match


def cause(code: str, title: str, *, looks_at: str, offers: str) -> Callable[[Match], Cause]:
    """Makes an entry of a function from facts to a finding, or None where the facts do not tell of this cause."""

    def entry(match: Match) -> Cause:
        return Cause(code, title, looks_at, offers, match)

    return entry


def high(sentence: str, *evidence: LogLine, shortcuts: tuple[Shortcut, ...] = ()) -> Finding:
    return _finding(Confidence.HIGH, sentence, evidence, shortcuts)


def medium(sentence: str, *evidence: LogLine, shortcuts: tuple[Shortcut, ...] = ()) -> Finding:
    return _finding(Confidence.MEDIUM, sentence, evidence, shortcuts)


def guess(sentence: str, *evidence: LogLine, shortcuts: tuple[Shortcut, ...] = ()) -> Finding:
    return _finding(Confidence.GUESS, sentence, evidence, shortcuts)


def _finding(
    confidence: Confidence, sentence: str, evidence: tuple[LogLine, ...], shortcuts: tuple[Shortcut, ...]
) -> Finding:
    """What tools say seldom ends as a sentence does. Each line of the log and each offer stands once."""
    ended = sentence if sentence.endswith((".", "?", "!")) else f"{sentence.rstrip(':; ')}."
    lines = tuple(sorted(set(evidence), key=lambda line: line.number))
    return Finding(confidence, ended, lines[-MAX_EVIDENCE:], shortcuts)
