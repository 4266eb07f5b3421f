"""The form of a service: four tabs, each a form of its own, submitted as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from services.dotenv import MAX_VARIABLES
from services.forms.advanced import AdvancedForm
from services.forms.build import BuildForm
from services.forms.proposals import untouched
from services.forms.repository import RepositoryForm
from services.forms.typed import typed, typed_rows
from services.forms.variables import PREFIX, PasteForm, rows_of
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


class ServiceForm:
    """Fresh, checked (`data`), or typed on without being checked (`draft`)."""

    def __init__(self, environment: Environment, data: QueryDict | None = None) -> None:
        self.environment = environment
        self.build = BuildForm(environment, data)
        self.repository = RepositoryForm(data, needs_branch=True)
        self.rows = rows_of(data)
        self.paste = PasteForm(data)
        self.advanced = AdvancedForm(data)
        self.opened = "repository"
        self.proposals: dict[str, Proposal] = {}
        self.detected: dict[str, Proposal] = {}

    @classmethod
    def draft(
        cls, environment: Environment, data: QueryDict, found: Mapping[str, Proposal] | None = None
    ) -> ServiceForm:
        """What was typed, and what was `found` for fields that nobody typed in. Only the repository is checked."""
        form = cls(environment)
        form.proposals = dict(found or {})
        form.detected = untouched(form.proposals, data)
        detected = {name: proposal.value for name, proposal in form.detected.items()}
        form.build = BuildForm(environment, initial={**typed(BuildForm, data), **detected})
        form.repository = RepositoryForm(data)
        form.rows = rows_of(initial=typed_rows(data, PREFIX))
        form.paste = PasteForm(initial=typed(PasteForm, data))
        form.advanced = AdvancedForm(initial=typed(AdvancedForm, data))
        return form

    def is_valid(self) -> bool:
        parts = (self.build, self.repository, self.rows, self.paste, self.advanced)
        answers = [part.is_valid() for part in parts]  # of all: every tab shows its own errors at once
        if all(answers) and len(self.variables()) > MAX_VARIABLES:
            self.paste.add_error("dotenv", f"There are too many variables: at most {MAX_VARIABLES}.")
            return False
        return all(answers)

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
