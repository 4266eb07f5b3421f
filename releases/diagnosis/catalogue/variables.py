"""The cause of a variable that is not set, which programs say in many words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from releases.diagnosis.cause import Finding, cause, high, medium
from releases.diagnosis.facts import Facts, Hit
from releases.diagnosis.shortcut import NEWEST, add_variable, edit_variable
from releases.diagnosis.traceback import last_trace

NAME = r"(?P<name>[A-Z][A-Z0-9_]{2,60})"
KEY_ERROR = re.compile(rf"KeyError: '{NAME}'")
ENVIRON = re.compile(r"environ|<frozen os>|/os\.py")
# These words mean a variable of the environment and nothing else.
PLAIN = (
    re.compile(r"UndefinedValueError: (?P<name>\w+) not found"),
    re.compile(rf"Set the {NAME} environment variable"),
    re.compile(rf"[Ee]nv(?:ironment)? (?:variable|var)s?[:\s]+[\"'`]?{NAME}\b"),
    re.compile(rf"\b{NAME}[\"'`]? (?:environment variable|env var) (?:is |was )?(?:not|un|missing|required)"),
)
# These can be about something else.
LIKELY = (
    re.compile(
        rf"\b{NAME}[\"'`]? (?:is |was |are )?(?:not set|unset|not defined|undefined|missing|required|not provided)"
    ),
    re.compile(rf"\b{NAME}[\"'`]? (?:must|has to|needs to) be (?:set|defined|provided)"),
    re.compile(rf"\b(?:[Mm]issing|[Uu]ndefined|[Uu]nset)(?: required)?:? [\"'`]?{NAME}\b"),
    re.compile(rf"^\s*{NAME}: (?:undefined|Required|Field required)"),
)
# A line of code that reads one. The programs show it with the error which comes of getting nothing.
IN_CODE = re.compile(rf"(?:process\.env(?:\.|\[[\"'])|os\.(?:environ\.get|getenv)\([\"']){NAME}")
OF_NOTHING = re.compile(r"\b(?:undefined|NoneType)\b")
NEAR = 12  # lines around the error's name
# Words in capitals that begin a line of a log or name something else.
NO_NAMES = (
    "CRITICAL", "DEBUG", "ERROR", "FAIL", "FAILED", "FATAL", "HTTP", "HTTPS", "INFO", "JSON", "NOTICE", "NULL", "PORT",
    "SEVERE", "SQL", "TRACE", "URL", "WARN", "WARNING",
)  # fmt: skip


@cause(
    "missing-variable",
    "An environment variable is missing",
    looks_at="KeyError on the environment, the words in which libraries say that a variable is not set, and the names "
    "in .env.example.",
    offers="Asks for the value and deploys with the variable.",
)
def missing_variable(facts: Facts) -> Finding | None:
    hit = _unset(facts) if facts.ended is not None and facts.exit_code != 0 else None
    if hit is None:
        return None
    name = hit["name"]
    sentence = f"The program needs the environment variable {name}, which is not set."
    finding = high if _is_sure(hit, facts) else medium
    return finding(sentence, hit.line, shortcuts=(add_variable(name), edit_variable(name), NEWEST))


def _unset(facts: Facts) -> Hit | None:
    """The last line that names a variable which is not set; a key of something else is a KeyError too."""
    for hit in (
        *facts.hits(KEY_ERROR, *PLAIN, lines=facts.console),
        *_read(facts),
        *facts.hits(*LIKELY, lines=facts.console),
    ):
        name = hit["name"]
        if name not in facts.variables and name not in NO_NAMES and not name.startswith("ERR_"):
            return hit
    return None


def _read(facts: Facts) -> Iterator[Hit]:
    """Where the code that met nothing in place of a value has read it from the environment."""
    trace = last_trace(facts.console)
    if trace and OF_NOTHING.search(trace.text):
        last = trace.lines[-1].number
        near = [line for line in facts.console if abs(line.number - last) <= NEAR]
        yield from facts.hits(IN_CODE, lines=near)


def _is_sure(hit: Hit, facts: Facts) -> bool:
    if hit["name"] in facts.expected or hit.match.re in (*PLAIN, IN_CODE):
        return True
    if hit.match.re is KEY_ERROR:
        return any(ENVIRON.search(line.text) for line in facts.console)
    return "_" in hit["name"]
