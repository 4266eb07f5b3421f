"""The facts of a failure: plain values, so that a cause is a pure function of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from re import Match, Pattern

from releases.engine.base import Capacity, Instance, InstanceState, Listener
from releases.logs.lines import BUILD_SOURCES, PLATFORM, STAGE
from releases.models import Stage
from services.settings import ServiceSettings

# What shells and container engines add to the number of the signal that ended a program.
SIGNALS = 128
KILLED = SIGNALS + 9


class Kind(StrEnum):
    """What ended the release: which part of the platform said so."""

    STAGE = "stage"
    REPOSITORY = "repository"
    BUILD = "build"
    ENGINE = "engine"
    PROXY = "proxy"
    STOPPED = "stopped"  # the platform's own process ended
    FAULT = "fault"  # nobody foresaw it


@dataclass(frozen=True)
class LogLine:
    """A line of the log, masked as it is there; `number` is its place in it, `seconds_ago` counts to the failure."""

    number: int
    source: str
    text: str
    seconds_ago: float = 0.0


@dataclass(frozen=True)
class Failure:
    """What was raised. `code` names the cause within its kind, `field` the setting it is about, `near` values for it.

    `exit_code` and `instruction` are of the build's failing command. `fault` leads the operator to the trace.
    """

    kind: Kind
    reason: str
    code: str = ""
    field: str = ""
    near: tuple[str, ...] = ()
    retryable: bool = False
    exit_code: int | None = None
    instruction: str = ""
    fault: str = ""


@dataclass(frozen=True)
class Seen:
    """An instance and what listens in it, right after the failure."""

    instance: Instance
    listeners: tuple[Listener, ...] = ()

    @property
    def ended(self) -> bool:
        return self.instance.exit_code is not None or self.instance.restarts > 0


@dataclass(frozen=True)
class Facts:
    """`files` are all paths of the commit, `expected` the names in its example of a .env file, `variables` the names
    that are set, `services` the other ones of the environment, `versions` the numbers that can be had of the language.
    `seconds` is how long the stage had taken.
    """

    stage: str
    failure: Failure
    settings: ServiceSettings
    lines: tuple[LogLine, ...] = ()
    instances: tuple[Seen, ...] = ()
    variables: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    expected: frozenset[str] = frozenset()
    services: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    capacity: Capacity | None = None
    seconds: float = 0.0

    @property
    def is_building(self) -> bool:
        return self.stage == Stage.BUILD

    @property
    def is_starting(self) -> bool:
        """The instances were there, and no visitor was yet."""
        return self.stage in (Stage.START, Stage.CHECK)

    @property
    def ended(self) -> Seen | None:
        """The first instance whose program has ended, and is not only one that had to be started more than once."""
        found = next((seen for seen in self.instances if seen.ended), None)
        runs = found is not None and found.instance.state is InstanceState.RUNNING
        return None if runs and self.search_reason("did not answer") else found

    @property
    def exit_code(self) -> int | None:
        """Of the instance's program, else of the build's command."""
        if self.ended is not None:
            return self.ended.instance.exit_code
        return self.failure.exit_code

    @property
    def runs(self) -> bool:
        """Instances were started, and none of their programs has ended."""
        return bool(self.instances) and self.ended is None

    @property
    def out_of_memory(self) -> bool:
        return any(seen.instance.out_of_memory for seen in self.instances)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        return tuple(dict.fromkeys(one for seen in self.instances for one in seen.listeners))

    @property
    def output(self) -> tuple[LogLine, ...]:
        """What the failing program printed: the instances' lines when there are instances, else the build's."""
        if self.instances or self.is_starting:
            return self.console
        return tuple(line for line in self.lines if line.source in BUILD_SOURCES)

    @property
    def console(self) -> tuple[LogLine, ...]:
        own = (PLATFORM, STAGE, *BUILD_SOURCES)
        return tuple(line for line in self.lines if line.source not in own)

    @property
    def said(self) -> tuple[LogLine, ...]:
        """The platform's own line about the failure."""
        found = [line for line in self.lines if line.source == PLATFORM and line.text.startswith(self.failure.reason)]
        return tuple(found[-1:])

    def search_reason(self, pattern: str) -> Match[str] | None:
        """In the platform's own sentence about the failure."""
        return re.search(pattern, self.failure.reason)

    def search(self, *patterns: Pattern[str], lines: Sequence[LogLine] | None = None) -> Hit | None:
        """The last line of the output in which one of the patterns is found; the earlier pattern counts more."""
        return next(self.hits(*patterns, lines=lines), None)

    def hits(self, *patterns: Pattern[str], lines: Sequence[LogLine] | None = None) -> Iterator[Hit]:
        """All of them, the last line first."""
        wanted = self.output if lines is None else lines
        for pattern in patterns:
            for line in reversed(wanted):
                if match := pattern.search(line.text):
                    yield Hit(line, match)


@dataclass(frozen=True)
class Hit:
    """A line that tells something, and where in it."""

    line: LogLine
    match: Match[str]

    def __getitem__(self, group: str) -> str:
        """Empty where the pattern has no such group, or did not need it."""
        return self.match.groupdict().get(group) or ""
