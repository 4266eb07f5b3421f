"""The form of Edit Service and Edit Release: that of a service, filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from services import dotenv
from services.forms.advanced import AdvancedForm
from services.forms.build import BuildForm
from services.forms.credentials import StoredRepositoryForm
from services.forms.marks import Mark
from services.forms.repository import RepositoryForm
from services.forms.service import ServiceForm
from services.forms.stored import Stored
from services.forms.variables import Rows, rows_of
from services.languages import get
from services.models import Environment
from services.templatetags.ui import mebibytes

TABS = ("build", "repository", "variables", "advanced")
FIXED = ("name", "repository_url", "token", "deploy_key")
PARTS: dict[str, type[forms.Form]] = {"build": BuildForm, "repository": RepositoryForm, "advanced": AdvancedForm}
PROPOSABLE = {name: part for part, form in PARTS.items() for name in form.base_fields if name not in FIXED}


class EditForm(ServiceForm):
    """As `ServiceForm`; what is not typed is as it is stored."""

    def __init__(self, environment: Environment, stored: Stored, data: QueryDict | None = None) -> None:
        self.stored = stored
        self.proposed: dict[str, str] = {}
        self.new_variable = ""
        super().__init__(environment, data)
        self.opened = "build"

    @classmethod
    def proposing(cls, environment: Environment, stored: Stored, query: QueryDict) -> EditForm:
        """Filled in as stored, apart from fields that the address of the page proposes a right value for, and a row for
        a variable that it names.
        """
        given = {name: str(query[name]) for name in PROPOSABLE if name in query}
        wanted = {name: value for name, value in given.items() if value != stored.fields[name]}
        tried = cls(environment, stored, stored.as_sent(wanted))
        tried.is_valid()
        form = cls(environment, stored)
        form._propose({name: value for name, value in wanted.items() if name not in tried._part(name).errors})
        form._begin_variable(query.get("variable", ""))
        tab = query.get("tab", "")
        form.opened = tab if tab in TABS else next((PROPOSABLE[name] for name in form.proposed), "build")
        return form

    @property
    def as_sent(self) -> EditForm:
        """Of `proposing`: the form as it would come back if nobody touched it."""
        row = self.stored.row_sent(self.new_variable, "") if self.new_variable else {}
        return EditForm(self.environment, self.stored, self.stored.as_sent({**self.proposed, **row}))

    @property
    def differs(self) -> bool:
        """After `is_valid`: whether a deploy would change anything."""
        return not self.stored.equals(self.settings(), self.variables(), self.credentials())

    @property
    def start(self) -> dict[str, Any]:
        """What the page's script compares with: what the controls hold when nothing is changed."""
        empty = dict.fromkeys(("token", "deploy_key", "dotenv"), "")
        unset = dict.fromkeys(("remove_token", "remove_deploy_key"), False)
        rows = [[row["key"], row["value"], row["is_secret"], row["at_build"]] for row in self.stored.rows]
        fixed = {name: self.stored.fields[name] for name in PROPOSABLE}
        return {"fields": {**fixed, **empty, **unset}, "variables": rows}

    def _propose(self, values: Mapping[str, str]) -> None:
        self.proposed = dict(values)
        for name, value in values.items():
            self._part(name).initial[name] = value
            self.marks[name] = Mark.proposed(_shown(self.stored, name))

    def _begin_variable(self, key: str) -> None:
        """The cursor goes to the value of this variable; one that is not there gets a row. No key, no room: nothing."""
        stored = {variable.key for variable in self.stored.variables}
        if key not in stored and not dotenv.problem_of(key, "") and len(stored) < dotenv.MAX_VARIABLES:
            self.new_variable = key
            self.rows = self._rows(initial=[*self.stored.rows, {"key": key, "is_secret": True}])
        self.rows.begin_at(key)

    def _part(self, field: str) -> forms.Form:
        part: forms.Form = getattr(self, PROPOSABLE[field])
        return part

    def _build(self, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None) -> BuildForm:
        values = {**self.stored.fields, **(initial or {})}
        form = BuildForm(self.environment, data, initial=values, stored_version=self.stored.version)
        del form.fields["name"]
        return form

    def _repository(self, data: QueryDict | None = None, *, needs_branch: bool = False) -> RepositoryForm:
        initial = self.stored.fields
        return StoredRepositoryForm(data, initial=initial, needs_branch=needs_branch, stored=self.stored)

    def _rows(self, data: QueryDict | None = None, initial: list[dict[str, Any]] | None = None) -> Rows:
        return rows_of(data, self.stored.rows if initial is None else initial, self.stored.secrets)

    def _advanced(self, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None) -> AdvancedForm:
        values = {**self.stored.fields, **(initial or {})}
        return AdvancedForm(data, initial=values, stored_memory=self.stored.settings.memory_mb)


def _shown(stored: Stored, name: str) -> str:
    """A stored value in the words of the form."""
    settings = stored.settings
    if name == "language":
        return get(settings.language).label
    if name == "memory_mb":
        return mebibytes(settings.memory_mb)
    return settings.version if name == "version" else stored.fields[name]
