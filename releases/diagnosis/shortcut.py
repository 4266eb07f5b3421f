"""What a person can do about a failure with one click."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from services.forms.edit import PROPOSABLE


class Act(StrEnum):
    EDIT = "edit"  # opens the edit form of the release, with `changes` filled in and marked
    DEPLOY = "deploy"  # makes a release with `changes`
    VARIABLE = "variable"  # asks for the value of `variable`, then makes a release with it
    RETRY = "retry"  # the same once more
    NEWEST = "newest"  # the newest commit of the branch, with the settings of this release


@dataclass(frozen=True)
class Shortcut:
    """`changes` are fields of the edit form with their values as text; an edit begins at a `tab` and its `field`, or at
    a row for a `variable`.
    """

    act: Act
    label: str
    changes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    variable: str = ""
    tab: str = ""
    field: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "changes": dict(self.changes)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(**{**data, "act": Act(data["act"])})

    @property
    def place(self) -> str:
        """What the address of the edit form ends with."""
        row = {"variable": self.variable} if self.variable else {}
        return f"?{urlencode({**self.changes, **row, 'tab': self.tab})}" + (f"#id_{self.field}" if self.field else "")

    @property
    def makes_a_release(self) -> bool:
        return self.act is not Act.EDIT


def edit(label: str, field: str, value: str = "") -> Shortcut:
    """Opens the form at the field, filled with the value where there is one to propose."""
    tab = PROPOSABLE.get(field, "repository")
    return Shortcut(Act.EDIT, label, {field: value} if value else {}, tab=tab, field=field)


def deploy(label: str, **changes: str) -> Shortcut:
    """The label says what changes; that it deploys is added."""
    return Shortcut(Act.DEPLOY, f"{label} and deploy", changes)


def add_variable(name: str) -> Shortcut:
    return Shortcut(Act.VARIABLE, f"Add variable {name} and deploy", variable=name)


def edit_variable(name: str) -> Shortcut:
    """Opens the variables at the one of this name: a new row, where there is none."""
    return replace(EDIT_VARIABLES, variable=name)


RETRY = Shortcut(Act.RETRY, "Retry")
NEWEST = Shortcut(Act.NEWEST, "Deploy the newest commit")
EDIT_VARIABLES = Shortcut(Act.EDIT, "Edit the variables", tab="variables")
EDIT_START = edit("Edit the Start Command", "start_command")
EDIT_BUILD = edit("Edit the Build Command", "build_command")
EDIT_ACCESS = edit("Edit the access", "token")
EDIT_SUBFOLDER = edit("Edit the subfolder", "subfolder")
EDIT_HEALTH = edit("Edit the Health Path", "health_path")
EDIT_TIMEOUT = edit("Edit the Deploy Timeout", "deploy_timeout")
