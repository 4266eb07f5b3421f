"""The list of versions: those of every language, with what the engine can have of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from services.languages import LANGUAGES
from services.languages.types import Language, Version
from services.models import Availability, BaseImage


@dataclass(frozen=True)
class Offer:
    """One version in the list. `value` is unique over all languages, which a number is not."""

    language: Language
    version: Version
    base_image: BaseImage | None

    @property
    def value(self) -> str:
        return f"{self.language.key}:{self.version.number}"

    @property
    def usable(self) -> bool:
        return self.base_image is None or Availability(self.base_image.availability).usable

    @property
    def reason(self) -> str:
        """Why it is not available."""
        return "" if self.base_image is None or self.usable else self.base_image.reason or "Its image cannot be had."

    @property
    def label(self) -> str:
        if self.base_image is None:
            return f"{self.version.label}, not checked yet"
        return self.version.label if self.usable else f"{self.version.label}, not available"


def offers() -> list[Offer]:
    """One query."""
    seen = {(row.language, row.version): row for row in BaseImage.objects.all()}
    return [
        Offer(language, version, seen.get((language.key, version.number)))
        for language in LANGUAGES
        for version in language.versions
    ]


class VersionSelect(forms.Select):
    """Groups by language; what is not available can be seen but not chosen."""

    unusable: frozenset[str] = frozenset()

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        groups = super().optgroups(name, value, attrs)
        for _, options, _ in groups:
            for option in options:
                if option["value"] in self.unusable:
                    option["attrs"]["disabled"] = True
        return groups
