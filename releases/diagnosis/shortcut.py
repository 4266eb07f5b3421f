"""What a person can do about a failure with one click."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode


class Act(StrEnum):
    EDIT = "edit"  # opens the edit form of the release, with `changes` filled in and marked
    DEPLOY = "deploy"  # makes a release with `changes`
    VARIABLE = "variable"  # asks for the value of `variable`, then makes a release with it
    RETRY = "retry"  # the same once more
    NEWEST = "newest"  # the newest commit of the branch, with the settings of this release


@dataclass(frozen=True)
class Shortcut:
    """`changes` are fields of the edit form with their values as text; `tab` is where an edit begins."""

    act: Act
    label: str
    changes: Mapping[str, str] = field(default_factory=dict)
    variable: str = ""
    tab: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(**{**data, "act": Act(data["act"])})

    @property
    def query(self) -> str:
        """Of the edit form's address."""
        return urlencode({**self.changes, **({"tab": self.tab} if self.tab else {})})

    @property
    def makes_a_release(self) -> bool:
        return self.act is not Act.EDIT


def edit(label: str, tab: str = "build", **changes: str) -> Shortcut:
    return Shortcut(Act.EDIT, label, changes, tab=tab)


def deploy(label: str, **changes: str) -> Shortcut:
    """The label says what changes; that it deploys is added."""
    return Shortcut(Act.DEPLOY, f"{label} and deploy", changes)


def add_variable(name: str) -> Shortcut:
    return Shortcut(Act.VARIABLE, f"Add variable {name} and deploy", variable=name)


RETRY = Shortcut(Act.RETRY, "Retry")
NEWEST = Shortcut(Act.NEWEST, "Deploy the newest commit")
EDIT_VARIABLES = edit("Edit the variables", "variables")
EDIT_START = edit("Edit the Start Command")
EDIT_BUILD = edit("Edit the Build Command")
EDIT_REPOSITORY = edit("Edit the access", "repository")
EDIT_HEALTH = edit("Edit the Health Path", "advanced")
