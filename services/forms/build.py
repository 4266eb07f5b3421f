"""Tab Build Settings: how the service is called, built and started."""

from __future__ import annotations

from itertools import groupby
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from services.forms.checks import one_line, path_inside
from services.forms.names import LONGEST, SHORTEST, check_name
from services.forms.repository import NO_FILL
from services.forms.versions import Offer, VersionSelect, offers
from services.languages import LANGUAGES, get
from services.models import Environment, Service

COMMAND = {**NO_FILL, "class": "mono"}
DOCKERFILE = "dockerfile"
UNSTARTABLE = [language.key for language in LANGUAGES if not language.has_start_command]


class BuildForm(forms.Form):
    name = forms.CharField(
        label="Service Name",
        error_messages={"required": "Enter a name for the service."},
        widget=forms.TextInput(attrs={**NO_FILL, "maxlength": LONGEST, "minlength": SHORTEST}),
        help_text="The first part of its public address, and its host name for the other services of this environment.",
    )
    language = forms.ChoiceField(
        choices=[(language.key, language.label) for language in LANGUAGES],
        widget=forms.Select(attrs={"data-language": True, "data-unstartable": " ".join(UNSTARTABLE)}),
    )
    version = forms.ChoiceField(
        label="Language Version", required=False, widget=VersionSelect(attrs={"data-versions": True})
    )
    dockerfile = forms.CharField(
        label="Dockerfile",
        required=False,
        max_length=200,
        initial="Dockerfile",
        widget=forms.TextInput(attrs=COMMAND),
        help_text="Its path from the subfolder.",
    )
    build_command = forms.CharField(
        label="Build Command",
        required=False,
        max_length=1024,
        validators=[one_line],
        widget=forms.TextInput(attrs=COMMAND),
        help_text="Runs once for each release, in the subfolder.",
    )
    start_command = forms.CharField(
        label="Start Command",
        required=False,
        max_length=1024,
        validators=[one_line],
        widget=forms.TextInput(attrs=COMMAND),
        help_text="Starts one instance. It must listen on 0.0.0.0, not only on localhost.",
    )
    port = forms.IntegerField(
        min_value=1,
        max_value=65535,
        initial=3000,
        error_messages={
            "required": "Enter the port that the application listens on.",
            "invalid": "The port must be from 1 to 65535.",
            "min_value": "The port must be from 1 to 65535.",
            "max_value": "The port must be from 1 to 65535.",
        },
        help_text="Where the application listens. It gets this number in the variable PORT.",
    )

    def __init__(self, environment: Environment, *args: Any, stored_version: str = "", **kwargs: Any) -> None:
        """`stored_version` (`python:3.13`) can be kept even where it cannot be chosen anew: its build may be stored."""
        super().__init__(*args, **kwargs)
        self.environment = environment
        self.stored_version = stored_version
        self.offers = offers()
        version = cast(forms.ChoiceField, self.fields["version"])
        version.choices = [("", "Choose a version"), *_grouped(self.offers), *self._not_offered()]
        unusable = {offer.value for offer in self.unavailable} - {stored_version}
        cast(VersionSelect, version.widget).unusable = frozenset(unusable)

    def _not_offered(self) -> list[tuple[str, list[tuple[str, str]]]]:
        if not self.stored_version or any(offer.value == self.stored_version for offer in self.offers):
            return []
        language, _, number = self.stored_version.partition(":")
        return [(get(language).label, [(self.stored_version, f"{number}, not offered any more")])]

    @property
    def unavailable(self) -> list[Offer]:
        return [offer for offer in self.offers if not offer.usable]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        check_name(name)
        other = Service.objects.filter(environment=self.environment, name=name).first()
        if other is not None:
            raise ValidationError(name_taken(name) if other.deleting_at is None else name_leaving(name))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        language = get(cleaned["language"]) if "language" in cleaned else None
        if language is None:
            return cleaned
        if language.key == DOCKERFILE:
            self._clean_dockerfile(cleaned)
        else:
            self._clean_version(cleaned)
            cleaned["dockerfile"] = ""
        if language.has_start_command and not cleaned.get("start_command") and "start_command" not in self.errors:
            self.add_error("start_command", "Enter the command that starts the application.")
        return cleaned

    def _clean_dockerfile(self, cleaned: dict[str, Any]) -> None:
        cleaned.update(version="", build_command="", start_command="")
        try:
            path = path_inside(cleaned.get("dockerfile", ""), "dockerfile")
        except ValidationError as error:
            self.add_error("dockerfile", error)
            return
        cleaned["dockerfile"] = "Dockerfile" if path == "." else path

    def _clean_version(self, cleaned: dict[str, Any]) -> None:
        value = cleaned.get("version", "")
        language, _, number = value.partition(":")
        offer = next((offer for offer in self.offers if offer.value == value), None)
        if "version" in self.errors:
            return
        if language != cleaned["language"]:
            self.add_error("version", f"Choose a version of {get(cleaned['language']).label}.")
        elif offer is not None and not offer.usable and value != self.stored_version:
            self.add_error("version", f"{offer.language.label} {number} is not available: {offer.reason}")
        cleaned["version"] = number


def name_taken(name: str) -> str:
    return f"This environment already has a service named “{name}”. Choose another name."


def name_leaving(name: str) -> str:
    return f"The service “{name}” is being deleted. Its name is free again in a moment."


def _grouped(found: list[Offer]) -> list[tuple[str, list[tuple[str, str]]]]:
    groups = groupby(found, key=lambda offer: offer.language.label)
    return [(label, [(offer.value, offer.label) for offer in group]) for label, group in groups]
