"""Taking the install of dependencies out of a build command, so that a change in the code does not repeat it.

A rebuild after a change of one line then takes a hundredth (pip) to a half (npm) of the time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from releases.dockerfile import manifests
from services.repository.files import Files

SEPARATOR = re.compile(r"\s*(?:&&|;|\n)\s*")
# A part with one of these means more than its words.
NOT_PLAIN = re.compile(r"[\"'`$\\|&<>(){}*?!#~]")
# Each word can be matched in one way only: a pattern that could try several would take a stranger's command for ever.
WORD = r"(?:\s+[\w.,:/@=^\[\]+-]+)"
ELSEWHERE = r"(?!--(?:prefix|dir|cwd|workspace|gemfile|directory|project)\b)"
FLAG = rf"(?:\s+{ELSEWHERE}--?[a-z][\w-]*(?:=[\w.,:/-]+)?)"
GROUP = r"(?:\s+(?:--only|--without|--with)\s+\w+)"
# COPY reads these characters of a name as they are.
COPIED = re.compile(r"[\w./@+-]+")

INSTALLS: tuple[tuple[re.Pattern[str], Callable[[str, Files], manifests.Needs]], ...] = (
    (re.compile(rf"(?:python3? -m )?pip3? install{WORD}+"), manifests.pip),
    (re.compile(rf"poetry config{WORD}+"), manifests.nothing),
    (re.compile(rf"poetry install(?:{GROUP}|{FLAG})*"), manifests.poetry),
    (re.compile(rf"npm (?:install|i) (?:-g|--global){WORD}+"), manifests.nothing),
    (re.compile(rf"(?:npm (?:ci|install|i)|yarn install|yarn|pnpm (?:install|i)){FLAG}*"), manifests.npm),
    (re.compile(rf"bundle install{FLAG}*"), manifests.bundler),
    (re.compile(r"go mod download"), manifests.go),
    (re.compile(r"mix deps\.get"), manifests.mix),
)


@dataclass(frozen=True)
class Split:
    """`install` needs only the files in `needs`; `rest` needs all. `note` says why nothing was taken out."""

    rest: str
    install: str = ""
    needs: tuple[str, ...] = ()
    note: str = ""


def split(command: str, files: Files) -> Split:
    """The longest beginning of the command that only installs, when it can be told which files that reads."""
    needs: dict[str, None] = {}
    end = 0
    while match := _part(command, end):
        part, after = match
        found = _needs(part, files)
        if found is None:
            break
        if isinstance(found, str):
            return Split(command, note=found)
        needs.update(dict.fromkeys(found))
        end = after
    if not needs or not all(COPIED.fullmatch(path) for path in needs):
        return Split(command)
    return Split(command[end:].strip(), SEPARATOR.sub(" && ", command[:end].strip().rstrip(";& \n")), tuple(needs))


def _part(command: str, start: int) -> tuple[str, int] | None:
    """The next part and where the one after it begins; None at the end and where the words are not plain."""
    separator = SEPARATOR.search(command, start)
    end, after = separator.span() if separator else (len(command), len(command))
    part = command[start:end].strip()
    return (part, after) if part and not NOT_PLAIN.search(part) else None


def _needs(part: str, files: Files) -> manifests.Needs:
    for pattern, needs in INSTALLS:
        if pattern.fullmatch(part):
            return needs(part, files)
    return None
