"""What a look found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    PROBLEM = "problem"  # the deploy would fail: it is not made
    WARNING = "warning"  # it may fail: a person decides
    UNCHECKED = "unchecked"  # nobody knows: it could not be told in time


@dataclass(frozen=True)
class Note:
    """`field` is one of the form of a service. `sentence` is for the user."""

    field: str
    severity: Severity
    sentence: str


def problem(field: str, sentence: str) -> Note:
    return Note(field, Severity.PROBLEM, sentence)


def warning(field: str, sentence: str) -> Note:
    return Note(field, Severity.WARNING, sentence)


def unchecked(field: str, sentence: str) -> Note:
    return Note(field, Severity.UNCHECKED, sentence)
