"""What the form of an edit starts from, as the values its fields hold. Secrets never are among those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.http import QueryDict

from services.forms.variables import PREFIX, plain_lines
from services.settings import Credentials, ServiceSettings, Variable


@dataclass(frozen=True)
class Stored:
    """A copy of a release's or service's own settings."""

    settings: ServiceSettings
    variables: list[Variable]
    credentials: Credentials

    @property
    def version(self) -> str:
        """As the list of versions has it: `python:3.13`; empty for a Dockerfile."""
        settings = self.settings
        return f"{settings.language}:{settings.version}" if settings.version else ""

    @property
    def fields(self) -> dict[str, str]:
        """Of the settings, by field."""
        values = {name: str(value) for name, value in asdict(self.settings).items()}
        return {
            **values,
            "version": self.version,
            "cpu": f"{self.settings.cpu:g}",
            "dockerfile": self.settings.dockerfile or "Dockerfile",
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Of the variables; a secret's value stays here."""
        return [_row(variable) for variable in self.variables]

    @property
    def secrets(self) -> Mapping[str, str]:
        return {variable.key: variable.value for variable in self.variables if variable.is_secret}

    def as_sent(self, changes: Mapping[str, str]) -> QueryDict:
        """What a browser sends for a form that starts from this, with changes of its fields."""
        count = str(len(self.variables))
        sent = {**self.fields, f"{PREFIX}-TOTAL_FORMS": count, f"{PREFIX}-INITIAL_FORMS": count}
        for index, row in enumerate(self.rows):
            switch = {name: "on" for name in ("is_secret", "at_build") if row[name]}
            texts = {name: row[name] for name in ("key", "value", "stored")}
            sent.update({f"{PREFIX}-{index}-{name}": value for name, value in {**texts, **switch}.items()})
        data = QueryDict(mutable=True)
        data.update({**sent, **changes})
        return data

    def row_sent(self, key: str, value: str) -> dict[str, str]:
        """Changes for `as_sent` which give this secret variable: in place of the one of its name, or as one more."""
        keys = [variable.key for variable in self.variables]
        index = keys.index(key) if key in keys else len(keys)
        row = {"key": key, "value": value, "is_secret": "on"}
        count = {f"{PREFIX}-TOTAL_FORMS": str(max(len(keys), index + 1))}
        return {**count, **{f"{PREFIX}-{index}-{name}": text for name, text in row.items()}}

    def equals(self, settings: ServiceSettings, variables: list[Variable], credentials: Credentials) -> bool:
        """Whether deploying these would change nothing. The order of variables means nothing."""
        same = self.settings == settings and self.credentials == credentials
        return same and _by_key(self.variables) == _by_key(variables)


def _by_key(variables: list[Variable]) -> dict[str, Variable]:
    return {variable.key: replace(variable, value=plain_lines(variable.value)) for variable in variables}


def _row(variable: Variable) -> dict[str, Any]:
    row = {"key": variable.key, "is_secret": variable.is_secret, "at_build": variable.at_build}
    return (
        {**row, "value": "", "stored": variable.key}
        if row["is_secret"]
        else {**row, "value": variable.value, "stored": ""}
    )
