"""When nothing matches: what is known, and the lines that tell most, honestly called a guess."""

from __future__ import annotations

import re

from releases.diagnosis.cause import Cause, Finding, cause, guess
from releases.diagnosis.facts import Facts, LogLine
from releases.diagnosis.shortcut import EDIT_BUILD, EDIT_START, NEWEST, RETRY
from releases.models import Stage

TELLING = 10
# What a line says, and how much that weighs against others. The last lines weigh more than the first.
WEIGHTS = (
    (re.compile(r"\b(?:fatal|panic|traceback|uncaught|unhandled)\b", re.IGNORECASE), 6.0),
    (re.compile(r"\b\w*(?:error|exception)\b", re.IGNORECASE), 5.0),
    (re.compile(r"\b(?:fail(?:ed|ure)?|cannot|can't|could not|unable|refused|denied|invalid)\b", re.IGNORECASE), 4.0),
    (
        re.compile(r"\b(?:missing|not found|no such|undefined|unknown|unexpected|expected|required)\b", re.IGNORECASE),
        3.0,
    ),
    (re.compile(r'^\s+(?:File "|at )'), 1.5),
    (re.compile(r"\bwarn(?:ing)?\b|deprecat", re.IGNORECASE), -2.0),
)
LAST = 3.0


@cause(
    "unknown",
    "No known cause matches",
    looks_at="Everything; then the ten lines that tell most are shown, and it is called a guess.",
    offers="Deploys the newest commit; retries; opens the command that failed.",
)
def unknown(facts: Facts) -> Finding | None:
    stage = Stage(facts.stage).label if facts.stage in Stage.values else "Deploy"
    code = f" with exit code {facts.exit_code}" if facts.exit_code is not None else ""
    lines = telling(facts.output or facts.said)
    sentence = f"The stage {stage} failed{code}, and no known cause fits."
    if lines:
        sentence += " These lines of the log say most." if len(lines) > 1 else " This line of the log says most."
    return guess(sentence, *lines, shortcuts=(NEWEST, RETRY, EDIT_BUILD if facts.is_building else EDIT_START))


def telling(lines: tuple[LogLine, ...]) -> tuple[LogLine, ...]:
    """The ten lines with the most weight, in the order they were printed in; no text twice."""
    different = {line.text.strip(): line for line in lines if line.text.strip()}
    weighed = [(_weight(line, place / len(different)), line) for place, line in enumerate(different.values(), 1)]
    best = sorted(weighed, key=lambda pair: -pair[0])[:TELLING]
    return tuple(sorted((line for _, line in best), key=lambda line: line.number))


def _weight(line: LogLine, place: float) -> float:
    """`place` goes from 0 for the first line to 1 for the last."""
    return sum(weight for pattern, weight in WEIGHTS if pattern.search(line.text)) + LAST * place**4


CAUSES: tuple[Cause, ...] = (unknown,)
