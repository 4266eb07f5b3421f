"""Finding languages, versions and images in the table."""

from __future__ import annotations

import re
from itertools import takewhile

from services.languages.table import LANGUAGES
from services.languages.types import Language, Recipe, Version

CONSTRAINT = re.compile(r"(===?|\^|~>|~=|~|>=|<=|>|<|!=)?\s*v?(\d+(?:\.(?:\d+|[xX*]))*)")
Numbers = tuple[int, ...]
BY_KEY = {language.key: language for language in LANGUAGES}


def get(key: str) -> Language:
    """Raises KeyError."""
    return BY_KEY[key]


def find_version(language: Language, number: str) -> Version:
    """Raises KeyError."""
    for version in language.versions:
        if version.number == number:
            return version
    raise KeyError(f"{language.label} has no version {number!r}")


def image_recipe(image: str) -> Recipe | None:
    """How to make an image of the table from Debian packages."""
    versions = (version for language in LANGUAGES for version in language.versions)
    return next((version.recipe for version in versions if version.image == image), None)


def nearest(language: Language, wanted: str) -> Version:
    """The offered version that suits what a repository asks for: `3.12.1`, `>=3.11`, `^22 || >=24`, `~> 3.3`, `lts/*`.

    The default where it suits, else the closest to it, those at their end of life last. When none suits, the next newer
    number.
    """
    default = find_version(language, language.default_version)
    fitting = [version for version in language.versions if suits(version.number, wanted)]
    if fitting:
        usual = language.versions.index(default)
        return min(fitting, key=lambda version: (version.end_of_life, abs(language.versions.index(version) - usual)))
    asked = CONSTRAINT.search(wanted)
    newer = [v for v in language.versions if asked and _numbers(v.number) >= _numbers(asked[2])[:2]]
    return newer[-1] if newer else default


def suits(number: str, wanted: str) -> bool:
    """Whether the version of this number is one that a repository asks for so."""
    return any(_suits_all(_numbers(number), alternative) for alternative in re.split(r"\|\|?", wanted))


def _suits_all(offered: Numbers, alternative: str) -> bool:
    constraints = CONSTRAINT.findall(alternative)
    return bool(constraints) and all(_fits(offered, sign, _numbers(number)) for sign, number in constraints)


def _fits(offered: Numbers, sign: str, asked: Numbers) -> bool:
    """Compared as far as the offered number goes: `3.12` offers 3.12.1 and all its neighbours."""
    short = asked[: len(offered)]
    if sign in (">=", ">", "<=", "<"):
        return _compare(offered[: len(short)], sign, short, longer=len(asked) > len(offered))
    if sign == "!=":
        return True
    if sign == "^":
        return offered[0] == asked[0] and offered >= short
    if sign in ("~", "~>", "~="):  # all but the last number is fixed
        fixed = asked[:-1] or asked
        return offered[: len(fixed)] == fixed[: len(offered)] and offered >= short
    return offered[: len(short)] == short


def _compare(offered: Numbers, sign: str, asked: Numbers, *, longer: bool) -> bool:
    """`longer`: the asked number goes further than the offered one, so that equality leaves room on both sides."""
    if sign == ">=":
        return offered >= asked
    if sign == "<=":
        return offered <= asked
    if sign == ">":
        return offered > asked or (longer and offered == asked)
    return offered < asked or (longer and offered == asked)


def _numbers(text: str) -> Numbers:
    return tuple(int(part) for part in takewhile(str.isdigit, text.split(".")))
