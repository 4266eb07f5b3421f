"""Causes in a repository's own Dockerfile, and in the images that builds start from."""

from __future__ import annotations

import posixpath
import re

from releases.diagnosis.cause import Cause, Finding, cause, high, medium
from releases.diagnosis.facts import Facts, Kind
from releases.diagnosis.places import folders_with, inside
from releases.diagnosis.shortcut import EDIT_BUILD, EDIT_SUBFOLDER, EDIT_VARIABLES, NEWEST, RETRY, Shortcut, deploy
from services import languages

REFUSED = "dockerfile-refused"
BASE_IMAGE = re.compile(r"^The base image (?P<image>\S+) cannot be had: (?P<why>.*)", re.DOTALL)
PULL_REFUSED = re.compile(
    r"pull access denied for (?P<image>\S+?),|manifest (?:for (?P<tagged>\S+) not found|unknown)|"
    r"repository \S+ not found|no such image|invalid reference format",
    re.IGNORECASE,
)
PARSE_ERROR = re.compile(r"dockerfile parse error(?: on)? line (?P<line>\d+): (?P<what>.*)", re.IGNORECASE)
# What cannot be executed is given to a shell, which stumbles over the first line of it.
READ_BY_A_SHELL = re.compile(r"^/\S+(?<!\.sh): 1: Syntax error: (?:word unexpected|\"[()]\" unexpected|Unterminated)")
NO_INSTRUCTION = re.compile(r"^Line (?P<line>\d+) .*(?P<what>There is no instruction .*)", re.DOTALL)
BAD_FILE = re.compile(
    r"unknown instruction: (?P<what>\S+)|the Dockerfile .* cannot be empty|no build stage", re.IGNORECASE
)
COPY_MISSING = re.compile(
    r"(?:COPY|ADD) failed: .*?(?:stat |build context: )?(?P<path>[^\s:]+): (?:file does not exist|no such file)",
    re.IGNORECASE,
)
EXEC_FORMAT = re.compile(
    r"exec format error|cannot execute binary file|^\S*sh: (?:line )?\d+: [^:]*: [^\w\s]?ELF|: \d+: \S*ELF",
    re.IGNORECASE,
)


@cause(
    "base-image-missing",
    "The base image does not exist, or may not be fetched",
    looks_at="What the engine says about the image in FROM, or about the language's image.",
    offers="Deploys with a version of the language that is there; retries.",
)
def base_image(facts: Facts) -> Finding | None:
    reason = facts.failure.reason
    if match := BASE_IMAGE.search(reason):
        sentence = f"The base image {match['image']} does not exist, or may not be fetched: {match['why']}"
        return high(sentence, *facts.said, shortcuts=(*_other_versions(facts), RETRY, NEWEST))
    if facts.failure.kind is Kind.BUILD and PULL_REFUSED.search(reason) and _is_from(facts):
        return high(f"The image in FROM cannot be had: {reason}", *facts.said, shortcuts=(RETRY, NEWEST))
    return None


def _is_from(facts: Facts) -> bool:
    return facts.failure.instruction.upper().startswith("FROM") or not facts.failure.instruction


def _other_versions(facts: Facts) -> tuple[Shortcut, ...]:
    """The language's default where it can be had, else the newest that can."""
    key = facts.settings.language
    usable = [number for number in facts.versions if number != facts.settings.version]
    if not usable:
        return ()
    language = languages.get(key)
    number = language.default_version if language.default_version in usable else usable[0]
    return (deploy(f"Use {language.label} {number}", version=f"{key}:{number}"),)


@cause(
    "dockerfile-invalid",
    "The Dockerfile cannot be read",
    looks_at="What the builder says about the line.",
    offers="Deploys the newest commit, after the line was corrected.",
)
def invalid(facts: Facts) -> Finding | None:
    if match := NO_INSTRUCTION.search(facts.failure.reason) if facts.failure.code == REFUSED else None:
        sentence = f"Line {match['line']} of the Dockerfile cannot be read: {match['what']}"
        return high(sentence, *facts.said, shortcuts=(NEWEST,))
    if facts.failure.kind is not Kind.BUILD:
        return None
    if match := PARSE_ERROR.search(facts.failure.reason):
        sentence = f"Line {match['line']} of the Dockerfile cannot be read: {match['what']}"
        return high(sentence, *facts.said, shortcuts=(NEWEST,))
    if BAD_FILE.search(facts.failure.reason):
        return high(f"The Dockerfile cannot be read: {facts.failure.reason}", *facts.said, shortcuts=(NEWEST,))
    return None


@cause(
    "dockerfile-copy-missing",
    "A file that the Dockerfile copies is not there",
    looks_at="The failing COPY or ADD, and the files of the commit.",
    offers="Deploys from the subfolder that has the file.",
)
def copy_missing(facts: Facts) -> Finding | None:
    match = COPY_MISSING.search(facts.failure.reason) if facts.failure.kind is Kind.BUILD else None
    if match is None:
        return None
    path = match["path"].strip("\"'").lstrip("/")
    if inside(facts, path) in facts.files:
        sentence = f"The Dockerfile copies {path}, which .dockerignore keeps out of the build."
        return high(sentence, *facts.said, shortcuts=(NEWEST,))
    folders = [deploy(f"Use subfolder {folder}", subfolder=folder) for folder in _elsewhere(facts, path)]
    sentence = f"The Dockerfile copies {path}, which is not there."
    return high(sentence, *facts.said, shortcuts=(*folders, EDIT_SUBFOLDER, NEWEST))


def _elsewhere(facts: Facts, path: str) -> list[str]:
    """Only folders that have the Dockerfile too: the build would not find it otherwise."""
    own = facts.settings.dockerfile or "Dockerfile"
    return [folder for folder in folders_with(facts, path) if posixpath.normpath(f"{folder}/{own}") in facts.files]


@cause(
    "exec-format",
    "The program was built for another kind of processor",
    looks_at="“exec format error” in what the build or the program printed.",
    offers="Opens the Build Command: the program has to be built here, not copied in.",
)
def exec_format(facts: Facts) -> Finding | None:
    hit = facts.search(EXEC_FORMAT, READ_BY_A_SHELL) if facts.is_building or facts.ended else None
    said = EXEC_FORMAT.search(facts.failure.reason)
    if hit is None and said is None:
        return None
    sure = medium if hit and hit.match.re is READ_BY_A_SHELL else high
    return sure(
        "The program is not made for this machine: it was built for another kind of processor, or is no program. "
        "Build it in the Build Command or the Dockerfile instead of copying it in.",
        *((hit.line,) if hit else facts.said),
        shortcuts=(EDIT_BUILD, NEWEST),
    )


@cause(
    "dockerfile-refused",
    "The Dockerfile does what is not allowed here",
    looks_at="The guard that reads a repository's own Dockerfile before it is built.",
    offers="Deploys the newest commit, after the line was changed.",
)
def guard_refused(facts: Facts) -> Finding | None:
    if facts.failure.code != REFUSED:
        return None
    return high(facts.failure.reason, *facts.said, shortcuts=(NEWEST,))


@cause(
    "secret-in-image",
    "A secret is in the image",
    looks_at="The image's history, labels and layers, which are searched for every value marked as secret.",
    offers="Deploys the newest commit, after the secret was taken out of the build.",
)
def secret_found(facts: Facts) -> Finding | None:
    if facts.failure.code != "secret-in-image":
        return None
    return high(facts.failure.reason, *facts.said, shortcuts=(NEWEST, EDIT_VARIABLES))


CAUSES: tuple[Cause, ...] = (
    invalid,
    guard_refused,
    secret_found,
    base_image,
    copy_missing,
    exec_format,
)
