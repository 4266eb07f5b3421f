"""Facts of made-up failures, written shortly."""

from __future__ import annotations

from typing import Any

from releases.diagnosis.facts import Facts, Failure, Kind, LogLine, Seen
from releases.engine.base import Family, Instance, InstanceState, Labels, Listener
from releases.models import Stage
from tests.factories import make_settings

IPV4, IPV6, UNIX = Family.IPV4, Family.IPV6, Family.UNIX
ANYWHERE = "0.0.0.0"  # noqa: S104
SLOW = "web-1 did not answer on port 3000 within 60 seconds: the connection was refused."


def lines(source: str, text: str, seconds_ago: float = 30.0) -> tuple[LogLine, ...]:
    rows = text.strip("\n").split("\n") if text else []
    return tuple(LogLine(number, source, row, seconds_ago) for number, row in enumerate(rows, 1))


def seen(
    exit_code: int | None = None,
    *listeners: Listener,
    out_of_memory: bool = False,
    restarts: int = 0,
) -> Seen:
    state = InstanceState.RUNNING if exit_code is None else InstanceState.EXITED
    instance = Instance("1", "web-1", state, "172.30.0.2", Labels(), exit_code, out_of_memory, restarts)
    return Seen(instance, listeners)


def repository(reason: str, code: str, field: str = "repository_url", near: tuple[str, ...] = (), **more: Any) -> Facts:
    failure = Failure(Kind.REPOSITORY, reason, code, field, near=near)
    return Facts(more.pop("stage", Stage.PULL), failure, make_settings(), lines("platform", reason), **more)


def built(
    output: str, exit_code: int | None = 1, reason: str = "", instruction: str = "RUN x", **settings: Any
) -> Facts:
    """A build that failed after it had printed this."""
    reason = f"The build failed: {reason or f'The command returned a non-zero code: {exit_code}'}"
    failure = Failure(Kind.BUILD, reason, exit_code=exit_code, instruction=instruction)
    more = {name: settings.pop(name) for name in ("files", "versions", "capacity") if name in settings}
    return Facts(Stage.BUILD, failure, make_settings(**settings), lines("build", output), **more)


def ended(output: str, exit_code: int = 1, **settings: Any) -> Facts:
    """An instance that ended by itself after it had printed this."""
    reason = f"web-1 ended with exit code {exit_code} before it answered on port 3000."
    names = ("files", "variables", "expected", "services", "versions", "instances")
    more = {name: settings.pop(name) for name in names if name in settings}
    printed = (*lines("web-1", output), LogLine(999, "platform", reason))
    instances = more.pop("instances", (seen(exit_code),))
    return Facts(
        Stage.CHECK, Failure(Kind.STAGE, reason), make_settings(**settings), printed, instances=instances, **more
    )


def silent(*listeners: Listener, output: str = "", ago: float = 30.0, reason: str = SLOW, **settings: Any) -> Facts:
    """An instance that runs, listens so, and did not answer in time."""
    more = {name: settings.pop(name) for name in ("expected", "services") if name in settings}
    printed = (*lines("web-1", output, ago), LogLine(999, "platform", reason))
    instances = (seen(None, *listeners),)
    return Facts(
        Stage.CHECK, Failure(Kind.STAGE, reason), make_settings(**settings), printed, instances=instances, **more
    )


def answers(status: int, output: str = "", **settings: Any) -> Facts:
    """An instance whose health path answers with this status."""
    reason = f"web-1 did not answer on port 3000 at /up within 60 seconds: the answer has status {status}."
    listener = Listener(IPV4, ANYWHERE, 3000, "python")
    return silent(listener, output=output, reason=reason, health_path="/up", **settings)


def said(reason: str, kind: Kind = Kind.STAGE, stage: Stage = Stage.START, code: str = "", **more: Any) -> Facts:
    """A failure of which only the platform's own words are known."""
    failure = Failure(kind, reason, code, retryable=more.pop("retryable", False))
    return Facts(stage, failure, make_settings(), lines("platform", reason), **more)
