"""Causes in what a build installs: manifests, lock files, packages, versions of the language."""

from __future__ import annotations

import posixpath
import re

from releases.diagnosis.cause import Cause, Finding, cause, high, medium
from releases.diagnosis.facts import Facts, Hit
from releases.diagnosis.places import folders_with, near_files
from releases.diagnosis.shortcut import EDIT_BUILD, EDIT_SUBFOLDER, NEWEST, RETRY, Shortcut, deploy, edit
from services import languages

MANIFEST = (
    re.compile(r"Could not open requirements file: .*: '(?P<path>[^']+)'"),
    re.compile(r"ENOENT: no such file or directory, open '(?P<path>[^']*package\.json)'"),
    re.compile(r"(?P<path>pyproject\.toml) (?:file )?(?:in|not found)|could not find a (?P<other>pyproject\.toml)"),
    re.compile(r"Neither 'setup\.py' nor '(?P<path>pyproject\.toml)' found"),
    re.compile(r"Could not locate (?P<path>Gemfile)"),
    re.compile(r"(?P<path>go\.mod) file not found"),
    re.compile(r"could not find a (?P<path>composer\.json) file"),
    re.compile(r"could not find `(?P<path>Cargo\.toml)`"),
)
NO_VERSION = (
    re.compile(r"No matching distribution found for (?P<what>\S+)"),
    re.compile(r"Could not find a version that satisfies the requirement (?P<what>\S+)"),
    re.compile(r"No matching version found for (?P<what>\S+?)\.?(?:\s|$)"),
    re.compile(r"404\s+'?(?P<what>@?[\w./-]+@[^'\s]+)'? is not in (?:this|the npm) registry"),
    re.compile(r"No matching package named `(?P<what>[^`]+)` found"),
    re.compile(r"Could not find gem '(?P<what>[^']+)'"),
)
FROM_VERSIONS = re.compile(r"\(from versions: (?P<all>[^)]+)\)")
UNREACHABLE = re.compile(
    r"Temporary failure in name resolution|Failed to establish a new connection|Network is unreachable|"
    r"Could not resolve host|EAI_AGAIN|ECONNRESET|ETIMEDOUT|ENETUNREACH|ConnectTimeoutError|ReadTimeoutError|"
    r"(?:npm (?:ERR!|error) (?:code )?(?:ECONNREFUSED|ENOTFOUND))|Temporary failure resolving"
)
LOCK = (
    re.compile(r"npm ci.{0,12} can only install (?:packages when|with an existing)", re.DOTALL),
    re.compile(r"package\.json and package-lock\.json or npm-shrinkwrap\.json are (?:not )?in sync"),
    re.compile(r"lockfile needs to be updated"),
    re.compile(r"ERR_PNPM_OUTDATED_LOCKFILE|Cannot install with \"frozen-lockfile\""),
    re.compile(
        r"poetry\.lock (?:was|is) (?:last )?(?:not up to date|generated)|changed significantly since poetry\.lock"
    ),
    re.compile(r"The lockfile at `?uv\.lock`? needs to be updated"),
    re.compile(r"Your Pipfile\.lock .* is out of date"),
    re.compile(r"frozen mode|the lock file .*Cargo\.lock needs to be updated", re.IGNORECASE),
)
UNLOCKED = (("npm ci", "npm install"), (" --frozen-lockfile", ""), (" --locked", ""), (" --deploy", ""))
VERSION = (
    re.compile(r"requires a different Python: (?P<have>[\d.]+) not in '(?P<want>[^']+)'"),
    re.compile(
        r"[Pp]ython version \(?(?P<have>[\d.]+)\)? is not (?:supported|allowed) by the project \((?P<want>[^)]+)\)"
    ),
    re.compile(r"(?:npm (?:ERR!|error)).*?Required: .*?\"node\":\s*\"(?P<want>[^\"]+)\""),
    re.compile(r"engine \"node\" is incompatible with this module\. Expected version \"(?P<want>[^\"]+)\""),
    re.compile(r"Your Ruby version is (?P<have>[\d.]+), but your Gemfile specified (?P<want>[^\s]+)"),
    re.compile(r"requires go (?P<want>>= [\d.]+) \(running go (?P<have>[\d.]+)"),
)


@cause(
    "manifest-missing",
    "The list of packages that the Build Command reads is not there",
    looks_at="What pip, npm and others say about requirements.txt or package.json, and the files of the commit.",
    offers="Deploys from the subfolder that has the file, or with the file of the nearest name.",
)
def manifest_missing(facts: Facts) -> Finding | None:
    hit = facts.search(*MANIFEST) if facts.is_building else None
    if hit is None:
        return None
    path = (hit["path"] or hit["other"]).removeprefix("/app/")
    sentence = f"The Build Command reads {path}, which is not in {_folder(facts)}."
    offers = _subfolders(facts, path) or _near_names(facts, path)
    return high(sentence, hit.line, shortcuts=(*offers, EDIT_BUILD, EDIT_SUBFOLDER))


def _folder(facts: Facts) -> str:
    return (
        "the repository's root" if facts.settings.subfolder in (".", "") else f"the folder {facts.settings.subfolder}"
    )


def _subfolders(facts: Facts, path: str) -> tuple[Shortcut, ...]:
    return tuple(deploy(f"Use subfolder {folder}", subfolder=folder) for folder in folders_with(facts, path))


def _near_names(facts: Facts, path: str) -> tuple[Shortcut, ...]:
    command = facts.settings.build_command
    if path not in command:
        return ()
    return tuple(
        deploy(f"Read {posixpath.basename(name)} instead", build_command=command.replace(path, name))
        for name in near_files(facts, path)[:2]
    )


@cause(
    "package-index-unreachable",
    "The package index cannot be reached",
    looks_at="Failed connections in what the package manager printed.",
    offers="Retries.",
)
def index_unreachable(facts: Facts) -> Finding | None:
    hit = facts.search(UNREACHABLE) if facts.is_building else None
    if hit is None:
        return None
    sentence = "The build could not reach a package index or another host. Try again in a moment."
    return medium(sentence, hit.line, shortcuts=(RETRY,))


@cause(
    "wrong-language-version",
    "The code needs another version of the language",
    looks_at="What the package manager says about the version that is required.",
    offers="Deploys with the version that fits.",
)
def wrong_version(facts: Facts) -> Finding | None:
    hit = facts.search(*VERSION) if facts.is_building or facts.ended else None
    if hit is None:
        return None
    settings = facts.settings
    label = languages.get(settings.language).label if settings.version else "the language"
    have = hit["have"] or settings.version
    sentence = f"The code needs another version of {label}: {hit['want'].strip()}, and this build has {have}."
    offers = (*_fitting(facts, hit), edit("Edit the version", "version"), NEWEST)
    return high(sentence, hit.line, shortcuts=offers if settings.version else (NEWEST,))


def _fitting(facts: Facts, hit: Hit) -> tuple[Shortcut, ...]:
    settings = facts.settings
    if not settings.version:
        return ()
    language = languages.get(settings.language)
    number = languages.nearest(language, hit["want"]).number
    if number == settings.version or number not in facts.versions:
        return ()
    return (deploy(f"Use {language.label} {number}", version=f"{language.key}:{number}"),)


@cause(
    "dependency-version-missing",
    "A package, or this version of it, does not exist",
    looks_at="What the package manager says about the package.",
    offers="Deploys the newest commit, after the version was corrected.",
)
def no_version(facts: Facts) -> Finding | None:
    hit = facts.search(*NO_VERSION) if facts.is_building else None
    if hit is None:
        return None
    what, newest = hit["what"].strip("'\""), _newest(facts)
    sentence = f"The package index has no {what}." + (f" The newest version there is {newest}." if newest else "")
    if facts.search(UNREACHABLE):
        return None
    return high(sentence, hit.line, shortcuts=(NEWEST, EDIT_BUILD))


def _newest(facts: Facts) -> str:
    hit = facts.search(FROM_VERSIONS)
    last = hit["all"].rpartition(", ")[2].strip() if hit else ""
    return "" if last == "none" else last


@cause(
    "lock-file-outdated",
    "The lock file is missing, or does not fit the list of packages",
    looks_at="What npm, yarn, pnpm, poetry and others say about their lock file.",
    offers="Deploys with an install that does not insist on the lock file.",
)
def lock_file(facts: Facts) -> Finding | None:
    hit = facts.search(*LOCK) if facts.is_building else None
    if hit is None:
        return None
    sentence = "The lock file is missing or does not fit the list of packages. Make it anew and commit it."
    return high(sentence, hit.line, shortcuts=(*_without_lock(facts), EDIT_BUILD, NEWEST))


def _without_lock(facts: Facts) -> tuple[Shortcut, ...]:
    command = facts.settings.build_command
    changed = command
    for strict, loose in UNLOCKED:
        changed = changed.replace(strict, loose)
    return (deploy(f"Build with “{changed}”", build_command=changed),) if changed != command else ()


CAUSES: tuple[Cause, ...] = (
    manifest_missing,
    wrong_version,
    no_version,
    lock_file,
    index_unreachable,
)
