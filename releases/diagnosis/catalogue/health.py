"""Causes in what the health path answers."""

from __future__ import annotations

import re

from releases.diagnosis.cause import Cause, Finding, cause, high, medium
from releases.diagnosis.facts import Facts
from releases.diagnosis.shortcut import (
    EDIT_HEALTH,
    EDIT_VARIABLES,
    NEWEST,
    Shortcut,
    add_variable,
    deploy,
    edit_variable,
)
from releases.diagnosis.traceback import last_trace
from releases.models import Stage

STATUS = re.compile(r"\bstatus (?P<status>[1-5]\d\d)\b")
HOST_REFUSED = re.compile(r"Invalid HTTP_HOST header|DisallowedHost|ALLOWED_HOSTS|Blocked request\. This host")
OPEN_PORT = deploy("Check the open port only", health_path="", health_status="200-399")
ALLOWED = "ALLOWED_HOSTS"
MISSING = (404, 405, 410)
PROTECTED = (401, 403)
REDIRECTS = range(300, 400)


def _status(facts: Facts) -> int:
    """Of the last answer of the health path; 0 where the release failed for something else."""
    found = facts.search_reason(STATUS.pattern) if facts.stage == Stage.CHECK and facts.settings.health_path else None
    return int(found["status"]) if found else 0


def _question(facts: Facts) -> str:
    return f"The health path {facts.settings.health_path} answers with status {_status(facts)}"


@cause(
    "health-host-refused",
    "The program does not accept the service's host name",
    looks_at="Status 400 of the health path, and what Django and others print about the host.",
    offers="Asks for ALLOWED_HOSTS where the program reads it; deploys the newest commit after a change.",
)
def host_refused(facts: Facts) -> Finding | None:
    if _status(facts) not in (400, 403, 421):
        return None
    hit = facts.search(HOST_REFUSED, lines=facts.console)
    named = f"{_question(facts)}: the program does not accept the host name that it is asked for."
    reads_it = ALLOWED in facts.expected
    variable = (add_variable(ALLOWED), edit_variable(ALLOWED)) if reads_it else (EDIT_VARIABLES,)
    offers = (*variable, EDIT_HEALTH, NEWEST)
    if hit:
        return high(f"{named} Add it to the allowed hosts.", hit.line, *facts.said, shortcuts=offers)
    if _status(facts) == 400:
        sentence = (
            f"{_question(facts)}. Often that is a host name which the program does not accept (Django: {ALLOWED})."
        )
        return medium(sentence, *facts.said, shortcuts=offers)
    return None


@cause(
    "health-not-found",
    "The health path does not exist",
    looks_at="Status 404, 405 or 410 of the health path.",
    offers="Deploys with a check of the open port only.",
)
def not_found(facts: Facts) -> Finding | None:
    if _status(facts) not in MISSING:
        return None
    return high(
        f"{_question(facts)}: the program has no such page.", *facts.said, shortcuts=(OPEN_PORT, EDIT_HEALTH, NEWEST)
    )


@cause(
    "health-protected",
    "The health path asks for a login",
    looks_at="Status 401 or 403 of the health path.",
    offers="Deploys with a check that expects this status.",
)
def protected(facts: Facts) -> Finding | None:
    status = _status(facts)
    if status not in PROTECTED:
        return None
    offers = (_accept(facts, status), OPEN_PORT, EDIT_HEALTH)
    return high(f"{_question(facts)}: the page is protected.", *facts.said, shortcuts=offers)


def _accept(facts: Facts, status: int) -> Shortcut:
    return deploy(f"Accept status {status}", health_status=f"{facts.settings.health_status},{status}")


@cause(
    "health-redirects",
    "The health path leads to another page",
    looks_at="Status 300 to 399 of the health path, where another one is expected.",
    offers="Deploys with a check that accepts the redirect.",
)
def redirects(facts: Facts) -> Finding | None:
    status = _status(facts)
    if status not in REDIRECTS:
        return None
    sentence = f"{_question(facts)}, a redirect, and {facts.settings.health_status} is expected."
    return high(sentence, *facts.said, shortcuts=(_accept(facts, status), EDIT_HEALTH, OPEN_PORT))


@cause(
    "health-fails",
    "The program has an error of its own behind the health path",
    looks_at="Status 500 or more of the health path, and the traceback in what the program printed.",
    offers="Deploys the newest commit, after the code was corrected; opens the variables.",
)
def fails(facts: Facts) -> Finding | None:
    if _status(facts) < 500:
        return None
    trace = last_trace(facts.console)
    why = f": {trace.name}" + (f" in {trace.place}" if trace.place else "") if trace else ": an error of the program"
    lines = trace.lines if trace else facts.console[-3:]
    return high(f"{_question(facts)}{why}.", *lines, *facts.said, shortcuts=(NEWEST, EDIT_VARIABLES, EDIT_HEALTH))


@cause(
    "health-unexpected",
    "The health path answers with another status than expected",
    looks_at="The status of the health path.",
    offers="Deploys with a check that accepts this status.",
)
def unexpected(facts: Facts) -> Finding | None:
    status = _status(facts)
    if not status:
        return None
    sentence = f"{_question(facts)}, and {facts.settings.health_status} is expected."
    return medium(sentence, *facts.said, shortcuts=(_accept(facts, status), EDIT_HEALTH))


CAUSES: tuple[Cause, ...] = (host_refused, not_found, protected, redirects, fails, unexpected)
