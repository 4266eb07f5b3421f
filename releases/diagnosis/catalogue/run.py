"""Causes in what a program does once it runs: memory, other services, errors of its own."""

from __future__ import annotations

import re

from releases.diagnosis.cause import MAX_EVIDENCE, Cause, Finding, cause, high, medium
from releases.diagnosis.facts import KILLED, SIGNALS, Facts, Hit
from releases.diagnosis.shortcut import EDIT_START, EDIT_VARIABLES, NEWEST, RETRY, Shortcut, deploy, edit
from releases.diagnosis.traceback import Trace, last_trace
from releases.models import Stage
from services.forms.advanced import MEMORY
from services.repository.refs import did_you_mean, nearest
from services.templatetags.ui import mebibytes

HEAP = re.compile(r"JavaScript heap out of memory|Reached heap limit|java\.lang\.OutOfMemoryError")
HOST = r"(?P<host>[A-Za-z0-9][\w.-]*|::1)"
REFUSED = (
    re.compile(rf"connection to server at \"{HOST}\".*?(?:port (?P<port>\d+))? failed"),
    re.compile(rf"could not translate host name \"{HOST}\""),
    re.compile(rf"failed to resolve host '{HOST}'"),
    re.compile(rf"Error (?:111|-2|-3|-5) connecting to {HOST}:(?P<port>\d+)"),
    re.compile(rf"connect ECONNREFUSED {HOST}:(?P<port>\d+)"),
    re.compile(rf"getaddrinfo (?:ENOTFOUND|EAI_AGAIN) {HOST}"),
    re.compile(rf"Can't connect to MySQL server on '{HOST}"),
    re.compile(rf"HTTPConnectionPool\(host='{HOST}', port=(?P<port>\d+)\).*(?:refused|resolve|Name or service)"),
    re.compile(
        rf"(?:cannot|can not|could not|failed to) (?:connect to|reach) (?:\w+://)?(?:\S*@)?{HOST}:(?P<port>\d+)", re.I
    ),
    re.compile(rf"dial tcp:? (?:lookup )?{HOST}(?::(?P<port>\d+))?.*(?:refused|no such host)"),
)
NAMELESS = re.compile(r"ConnectionRefusedError: \[Errno 111\]|gaierror: \[Errno -\d\]|ECONNREFUSED")
ITSELF = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104
# What only wrong code raises, whatever it runs with.
OF_CODE = (
    "NameError", "SyntaxError", "IndentationError", "TypeError", "AttributeError", "ImportError", "ReferenceError",
    "ZeroDivisionError", "IndexError", "AssertionError", "UnboundLocalError", "RecursionError", "NotImplementedError",
)  # fmt: skip
SIGNAL_NAMES = {4: "an illegal instruction", 6: "an abort of its own", 7: "a bus error", 11: "a segmentation fault"}
AFTER = re.compile(r"after the switch")
WORSE = re.compile(r"server errors \(5xx\)")
BACK = re.compile(r"went back to release #\d+")


@cause(
    "out-of-memory",
    "The program needs more memory than it may use",
    looks_at="Whether the kernel ended it for memory, exit code 137, and what runtimes say when their memory is full.",
    offers="Deploys with twice the memory.",
)
def out_of_memory(facts: Facts) -> Finding | None:
    if not facts.instances:
        return None
    heap = facts.search(HEAP, lines=facts.console)
    has = mebibytes(facts.settings.memory_mb)
    sentence = f"The program ran out of memory: an instance may use {has}."
    lines = (heap.line,) if heap else (*facts.console[-3:], *facts.said)
    more = _more_memory(facts)
    offers = (*more, edit("Edit the memory", "memory_mb", more[0].changes["memory_mb"] if more else ""), NEWEST)
    if facts.out_of_memory or heap:
        return high(sentence, *lines, shortcuts=offers)
    if facts.ended is not None and facts.exit_code == KILLED:
        return medium(
            f"The program was killed, most likely for its memory: it may use {has}.", *lines, shortcuts=offers
        )
    return None


def _more_memory(facts: Facts) -> tuple[Shortcut, ...]:
    wanted = 2 * facts.settings.memory_mb
    size = next((size for size in MEMORY if size >= wanted), 0)
    if not size or (facts.capacity is not None and size > facts.capacity.memory_free_mb):
        return ()
    return (deploy(f"Set memory to {mebibytes(size)}", memory_mb=str(size)),)


@cause(
    "service-unreachable",
    "A database or another service cannot be reached",
    looks_at="Refused connections and unknown hosts in what the program printed; the services of the environment.",
    offers="Opens the variables, which usually hold the address; retries.",
)
def service_unreachable(facts: Facts) -> Finding | None:
    if not facts.instances or facts.listeners or facts.exit_code == 0:
        return None
    hit = facts.search(*REFUSED, lines=facts.console)
    if hit is not None:
        where = f"“{hit['host']}”" + (f" on port {hit['port']}" if hit["port"] else "")
        sentence = f"The program cannot reach {where}. {_hint(facts, hit)}"
        return high(sentence, hit.line, shortcuts=(EDIT_VARIABLES, RETRY, NEWEST))
    if (hit := facts.search(NAMELESS, lines=facts.console)) is not None:
        sentence = f"The program cannot reach a service that it needs. {_services(facts)}"
        return medium(sentence, hit.line, shortcuts=(EDIT_VARIABLES, RETRY, NEWEST))
    return None


def _hint(facts: Facts, hit: Hit) -> str:
    host = hit["host"]
    if host in ITSELF:
        return f"That is the instance itself; another service is reached by its name. {_services(facts)}"
    if host in facts.services:
        return "A service of this name is in the environment: look whether it is live, and on which port."
    return _services(facts) + did_you_mean(nearest(host, facts.services))


def _services(facts: Facts) -> str:
    if not facts.services:
        return "This environment has no other service."
    names = ", ".join(facts.services[:MAX_EVIDENCE])
    return f"This environment has the {'service' if len(facts.services) == 1 else 'services'} {names}."


@cause(
    "crash-loop",
    "The program ended after the switch",
    looks_at="Restarts of the instances while the release before still ran.",
    offers="Deploys the newest commit, after the program was corrected; retries.",
)
def crash_loop(facts: Facts) -> Finding | None:
    if facts.stage not in (Stage.SWITCH, Stage.RETIRE) or not AFTER.search(facts.failure.reason):
        return None
    trace = last_trace(facts.console)
    why = f" The last error is {trace.name} in {trace.place}." if trace else ""
    lines = trace.lines if trace else facts.console[-5:]
    return high(f"{facts.failure.reason}{why}", *lines, *facts.said, shortcuts=(NEWEST, RETRY))


@cause(
    "errors-after-switch",
    "The program answered visitors with many more errors than the release before",
    looks_at="Answers with a status of 500 or more, of this release and of the one before.",
    offers="Deploys the newest commit, after the program was corrected; retries.",
)
def errors_after_switch(facts: Facts) -> Finding | None:
    if facts.stage not in (Stage.SWITCH, Stage.RETIRE) or not WORSE.search(facts.failure.reason):
        return None
    trace = last_trace(facts.console)
    lines = trace.lines if trace else facts.console[-5:]
    return high(facts.failure.reason, *lines, *facts.said, shortcuts=(NEWEST, RETRY))


@cause(
    "taken-back",
    "Somebody went back to the release before",
    looks_at="The undo of a person.",
    offers="Retries.",
)
def taken_back(facts: Facts) -> Finding | None:
    if not BACK.search(facts.failure.reason):
        return None
    return high(facts.failure.reason, *facts.said, shortcuts=(RETRY, NEWEST))


@cause(
    "crash",
    "The program ended with an error of its own",
    looks_at="The traceback in what it printed: exception, file and line.",
    offers="Deploys the newest commit, after the code was corrected.",
)
def crash(facts: Facts) -> Finding | None:
    trace = last_trace(facts.console) if facts.ended is not None and facts.exit_code != 0 else None
    if trace is None:
        return None
    return _of_trace(trace, facts)


def _of_trace(trace: Trace, facts: Facts) -> Finding:
    sure = high if trace.name.rpartition(".")[2] in OF_CODE else medium
    where = f" in {trace.place}" if trace.place else ""
    what = f": {trace.text}" if trace.text else ""
    sentence = f"The program ended with {trace.name}{where}{what}"
    return sure(sentence.rstrip(".") + ".", *trace.lines, shortcuts=(NEWEST, EDIT_VARIABLES, EDIT_START))


@cause(
    "killed-by-signal",
    "The program was ended by a signal",
    looks_at="Exit codes above 128.",
    offers="Retries.",
)
def killed_by_signal(facts: Facts) -> Finding | None:
    code = facts.exit_code if facts.ended is not None else None
    name = SIGNAL_NAMES.get((code or 0) - SIGNALS)
    if name is None:
        return None
    sentence = f"The program was ended by {name} (exit code {code})."
    return medium(sentence, *facts.console[-5:], *facts.said, shortcuts=(RETRY, NEWEST))


CAUSES: tuple[Cause, ...] = (
    out_of_memory,
    crash_loop,
    errors_after_switch,
    taken_back,
    service_unreachable,
    crash,
    killed_by_signal,
)
