"""Causes in where a program listens: it runs, and nobody can reach it."""

from __future__ import annotations

from releases.diagnosis.cause import Cause, Finding, cause, high, medium
from releases.diagnosis.commands import UNIX, for_everyone
from releases.diagnosis.facts import Facts
from releases.diagnosis.shortcut import EDIT_HEALTH, EDIT_START, EDIT_TIMEOUT, NEWEST, Shortcut, deploy, edit
from releases.engine.base import Family, Listener
from releases.models import Stage

MAX_PORTS = 3
LONGEST_TIMEOUT = 1200  # of the form
PROGRESS = 5.0  # seconds before the limit in which a line shows that the program was at work


def _silent(facts: Facts) -> bool:
    """It runs, and did not answer in time."""
    return facts.stage == Stage.CHECK and facts.runs


def _reachable(facts: Facts) -> list[Listener]:
    return [one for one in facts.listeners if one.family is not Family.UNIX and not one.is_loopback]


def _local(facts: Facts) -> list[Listener]:
    return [one for one in facts.listeners if one.family is not Family.UNIX and one.is_loopback]


def _at_port(facts: Facts) -> list[Listener]:
    return [one for one in facts.listeners if one.port == facts.settings.port and one.family is not Family.UNIX]


@cause(
    "listens-on-localhost",
    "The program listens on localhost only",
    looks_at="The listening sockets in the network of the instance.",
    offers="Deploys with a Start Command that listens on 0.0.0.0, where it can be told how.",
)
def on_localhost(facts: Facts) -> Finding | None:
    if not _silent(facts) or _reachable(facts) or not _local(facts):
        return None
    found = next((one for one in _local(facts) if one.port == facts.settings.port), _local(facts)[0])
    sentence = (
        f"{_who(found)} listens on {found.address} port {found.port}, where only the instance itself reaches it. "
        "It has to listen on 0.0.0.0."
    )
    return high(sentence, *facts.said, shortcuts=(*_for_everyone(facts), EDIT_START, NEWEST))


def _for_everyone(facts: Facts) -> tuple[Shortcut, ...]:
    command = facts.settings.start_command
    changed = for_everyone(command)
    return (deploy(f"Use “{changed}”", start_command=changed),) if changed != command else ()


def _who(listener: Listener) -> str:
    return f"The program ({listener.process})" if listener.process else "The program"


@cause(
    "listens-on-another-port",
    "The program listens on another port",
    looks_at="The listening sockets in the network of the instance.",
    offers="Deploys with that port, without a new build. The variable PORT follows.",
)
def on_another_port(facts: Facts) -> Finding | None:
    if not _silent(facts) or _at_port(facts) or not _reachable(facts):
        return None
    ports = sorted({one.port for one in _reachable(facts)})
    found = _reachable(facts)[0]
    named = ", ".join(map(str, ports))
    sentence = f"{_who(found)} listens on port {named}, and the service's port is {facts.settings.port}."
    offers = [deploy(f"Use port {port}", port=str(port)) for port in ports[:MAX_PORTS]]
    return high(sentence, *facts.said, shortcuts=(*offers, edit("Edit the port", "port", str(ports[0])), NEWEST))


@cause(
    "listens-on-ipv6-only",
    "The program listens on IPv6 only",
    looks_at="The listening sockets in the network of the instance.",
    offers="Opens the Start Command.",
)
def on_ipv6_only(facts: Facts) -> Finding | None:
    reachable = [one for one in _at_port(facts) if not one.is_loopback]
    if not _silent(facts) or not reachable or any(one.family is not Family.IPV6 for one in reachable):
        return None
    if facts.search_reason("status"):
        return None
    sentence = f"{_who(reachable[0])} listens on port {facts.settings.port} by IPv6 only. It has to listen on 0.0.0.0."
    return high(sentence, *facts.said, shortcuts=(*_for_everyone(facts), EDIT_START, NEWEST))


@cause(
    "listens-on-a-socket-file",
    "The program listens on a file, not on a port",
    looks_at="The listening sockets in the network of the instance.",
    offers="Deploys with a Start Command that listens on the port, where it names the file.",
)
def on_a_file(facts: Facts) -> Finding | None:
    files = [one for one in facts.listeners if one.family is Family.UNIX]
    if not _silent(facts) or not files or _local(facts) or _reachable(facts):
        return None
    command = facts.settings.start_command
    changed = UNIX.sub("0.0.0.0:$PORT", command)
    offers = (deploy(f"Use “{changed}”", start_command=changed),) if changed != command else ()
    sentence = f"{_who(files[0])} listens on the file {files[0].address} and on no port. It has to listen on 0.0.0.0."
    return high(sentence, *facts.said, shortcuts=(*offers, EDIT_START, NEWEST))


@cause(
    "slow-start",
    "The program was still starting when the time was over",
    looks_at="Whether nothing listens yet, and the program printed something right before the limit.",
    offers="Deploys with three times the Deploy Timeout.",
)
def slow_start(facts: Facts) -> Finding | None:
    recent = [line for line in facts.console if line.seconds_ago <= PROGRESS]
    if not _silent(facts) or facts.listeners or not recent:
        return None
    limit = facts.settings.deploy_timeout
    longer = min(3 * limit, LONGEST_TIMEOUT)
    offers = (deploy(f"Wait {longer} seconds", deploy_timeout=str(longer)),) if longer > limit else ()
    sentence = f"The program was still at work when its {limit} seconds were over, and listens nowhere yet."
    return medium(
        sentence,
        *recent[-3:],
        *facts.said,
        shortcuts=(*offers, edit("Edit the Deploy Timeout", "deploy_timeout", str(longer))),
    )


@cause(
    "nothing-listens",
    "The program runs, and listens nowhere",
    looks_at="The listening sockets in the network of the instance: there is none.",
    offers="Opens the Start Command and the Deploy Timeout.",
)
def nothing_listens(facts: Facts) -> Finding | None:
    if not _silent(facts) or facts.listeners:
        return None
    sentence = (
        f"The program runs, but listens on no port after {facts.settings.deploy_timeout} seconds. "
        "It has to listen on 0.0.0.0, on the port in the variable PORT."
    )
    sure = medium if any(line.seconds_ago <= PROGRESS for line in facts.console) else high
    offers = (EDIT_START, EDIT_TIMEOUT, NEWEST)
    return sure(sentence, *facts.console[-3:], *facts.said, shortcuts=offers)


@cause(
    "does-not-answer",
    "The program listens, and does not answer",
    looks_at="A socket on the right port that takes connections or lets them wait, and no answer in time.",
    offers="Opens the Health Path; deploys with more time.",
)
def does_not_answer(facts: Facts) -> Finding | None:
    open_to_all = [one for one in _at_port(facts) if not one.is_loopback]
    if not _silent(facts) or not open_to_all or facts.search_reason(r"status \d"):
        return None
    sentence = f"{_who(open_to_all[0])} listens on port {facts.settings.port}, but does not answer there in time."
    offers = (EDIT_HEALTH, EDIT_TIMEOUT, NEWEST)
    return medium(sentence, *facts.console[-3:], *facts.said, shortcuts=offers)


CAUSES: tuple[Cause, ...] = (
    on_localhost,
    on_another_port,
    on_ipv6_only,
    on_a_file,
    slow_start,
    nothing_listens,
    does_not_answer,
)
