"""The settings of a service as plain values: what a form fills in, a release freezes, and the pipeline reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from services.statuses import ANY_SUCCESS


@dataclass(frozen=True)
class ServiceSettings:
    """Memory in MiB, `cpu` in cores, `subfolder` relative to the repository's root.

    `deploy_timeout`, `start_grace`, `drain_seconds` and `undo_window` are seconds; `settle_count` is a number of
    successes in a row; `health_status` is read by `services.statuses`. What has a default here is filled in for
    releases that were frozen before it existed.
    """

    repository_url: str
    branch: str
    subfolder: str
    language: str
    version: str
    dockerfile: str
    build_command: str
    start_command: str
    port: int
    memory_mb: int
    cpu: float
    instances: int
    health_path: str
    deploy_timeout: int
    health_status: str = ANY_SUCCESS
    start_grace: int = 0
    settle_count: int = 3
    drain_seconds: int = 30
    undo_window: int = 60

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(**data)


@dataclass(frozen=True)
class Variable:
    """One environment variable of the running service, and of its build's commands where it is `at_build`.

    A secret's value is write-only and masked in every log.
    """

    key: str
    value: str = field(repr=False)
    is_secret: bool = True
    at_build: bool = False


def at_build(variables: Iterable[Variable]) -> dict[str, str]:
    """Those that a build's commands have, by key."""
    return {row.key: row.value for row in variables if row.at_build}


@dataclass(frozen=True)
class Credentials:
    """How to reach a private repository: an access token (https) or a deploy key (ssh), or neither.

    A token may be `user:password`, for hosts that want a certain user name.
    """

    token: str = field(default="", repr=False)
    deploy_key: str = field(default="", repr=False)
