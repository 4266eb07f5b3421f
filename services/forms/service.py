"""The form of a service: four tabs, each a form of its own, submitted as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.http import QueryDict

from services.dotenv import MAX_VARIABLES
from services.forms.advanced import AdvancedForm
from services.forms.build import BuildForm
from services.forms.marks import Mark
from services.forms.proposals import untouched
from services.forms.repository import RepositoryForm
from services.forms.typed import typed, typed_rows
from services.forms.variables import PREFIX, PasteForm, Rows, rows_of
from services.models import Environment
from services.repository.detection import Proposal
from services.settings import Credentials, ServiceSettings, Variable


@dataclass(frozen=True)
class Tab:
    """`id` is the panel's, `errors` the number of fields to correct in it."""

    id: str
    label: str
    errors: int
    is_open: bool


@dataclass(frozen=True)
class Warned:
    """What may make a deploy fail. `label` is that of the field it is about, whose control has this `id`."""

    label: str
    id: str
    sentence: str


class ServiceForm:
    """Fresh, checked (`data`), or typed on without being checked (`draft`)."""

    def __init__(self, environment: Environment, data: QueryDict | None = None) -> None:
        self.environment = environment
        self.build = self._build(data)
        self.repository = self._repository(data, needs_branch=True)
        self.rows = self._rows(data)
        self.paste = PasteForm(data)
        self.advanced = self._advanced(data)
        self.opened = "repository"
        self.refusal = ""
        self.warnings: list[Warned] = []
        self.proposals: dict[str, Proposal] = {}
        self.marks: dict[str, Mark] = {}

    def draft(self, data: QueryDict, found: Mapping[str, Proposal] | None = None) -> Self:
        """What was typed, and what was `found` for fields that nobody typed in. Only the repository is checked."""
        self.proposals = dict(found or {})
        detected = untouched(self.proposals, data)
        self.marks = {name: Mark.detected(proposal.reason) for name, proposal in detected.items()}
        values = {name: proposal.value for name, proposal in detected.items()}
        self.build = self._build(initial={**typed(BuildForm, data), **values})
        self.repository = self._repository(data)
        self.rows = self._rows(initial=typed_rows(data, PREFIX))
        self.paste = PasteForm(initial=typed(PasteForm, data))
        self.advanced = self._advanced(initial=typed(AdvancedForm, data))
        return self

    def _build(self, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None) -> BuildForm:
        return BuildForm(self.environment, data, initial=dict(initial or {}))

    def _repository(self, data: QueryDict | None = None, *, needs_branch: bool = False) -> RepositoryForm:
        return RepositoryForm(data, needs_branch=needs_branch)

    def _rows(self, data: QueryDict | None = None, initial: list[dict[str, Any]] | None = None) -> Rows:
        return rows_of(data, initial)

    def _advanced(self, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None) -> AdvancedForm:
        return AdvancedForm(data, initial=dict(initial or {}))

    def is_valid(self) -> bool:
        parts = (self.build, self.repository, self.rows, self.paste, self.advanced)
        answers = [part.is_valid() for part in parts]  # of all: every tab shows its own errors at once
        if all(answers) and len(self.variables()) > MAX_VARIABLES:
            self.paste.add_error("dotenv", f"There are too many variables: at most {MAX_VARIABLES}.")
            return False
        return all(answers)

    def reject(self, field: str, sentence: str) -> None:
        """After `is_valid`: what was found elsewhere to be wrong with a field."""
        part = self._part_with(field)
        part.add_error(field if field in part.fields else None, sentence)

    def warn(self, field: str, sentence: str) -> None:
        """What may be wrong with one. The tab of the first opens."""
        part = self._part_with(field)
        if not self.warnings:
            self.opened = next(name for name, other in self._parts.items() if other is part)
        label, id_ = (str(part[field].label), part[field].id_for_label) if field in part.fields else ("", "")
        self.warnings.append(Warned(label, id_, sentence))

    def _part_with(self, field: str) -> forms.Form:
        return next((part for part in self._parts.values() if field in part.fields), self.build)

    @property
    def _parts(self) -> dict[str, forms.Form]:
        """By tab; variables are rows of forms instead."""
        return {"build": self.build, "repository": self.repository, "advanced": self.advanced}

    @property
    def passable(self) -> bool:
        """Whether there is nothing to correct, only something to decide."""
        return not any(tab.errors for tab in self.tabs)

    @property
    def tabs(self) -> list[Tab]:
        counts = {
            "build": ("Build Settings", len(self.build.errors)),
            "repository": ("Repository", len(self.repository.errors)),
            "variables": ("Environment Variables", self._variable_errors()),
            "advanced": ("Advanced", len(self.advanced.errors)),
        }
        wrong = next((name for name, (_, errors) in counts.items() if errors), self.opened)
        return [Tab(name, label, errors, name == wrong) for name, (label, errors) in counts.items()]

    @property
    def open_tab(self) -> str:
        return next(tab.id for tab in self.tabs if tab.is_open)

    def _variable_errors(self) -> int:
        if not self.rows.is_bound:
            return 0
        wrong_rows = sum(len(row.errors) for row in self.rows.forms)
        return wrong_rows + len(self.rows.non_form_errors()) + len(self.paste.errors)

    @property
    def name(self) -> str:
        return str(self.build.cleaned_data["name"])

    def settings(self) -> ServiceSettings:
        """After `is_valid`."""
        build, repository, advanced = (part.cleaned_data for part in (self.build, self.repository, self.advanced))
        where = {name: repository[name] for name in ("repository_url", "branch", "subfolder")}
        how = {name: value for name, value in build.items() if name != "name"}
        return ServiceSettings(**where, **how, **{**advanced, "cpu": float(advanced["cpu"])})

    def variables(self) -> list[Variable]:
        """After `is_valid`. A pasted value replaces that of a row."""
        rows = {row.cleaned_data["key"]: row.variable() for row in self.rows.filled}
        return list({**rows, **{variable.key: variable for variable in self.paste.variables()}}.values())

    def credentials(self) -> Credentials:
        return self.repository.credentials()
