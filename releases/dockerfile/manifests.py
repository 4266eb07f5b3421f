"""Which files an install command reads. When it may read more than can be told, the reason is given instead."""

from __future__ import annotations

import posixpath
import re

from services.repository.detection import nodejs
from services.repository.files import Files

# The files that an install reads, or the reason why nobody can know them. None: not an install that is known here.
Needs = list[str] | str | None

LOCAL = re.compile(
    r"^\s*(?:-e\b|--editable\b|\.{1,2}(?:/|\s|\[|$)|/|file:|(?:-f|--find-links)\s)|@\s*file:", re.MULTILINE
)
INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]*(\S+)", re.MULTILINE)
PIP_FLAG = re.compile(
    r"-[qUv]|--(?:quiet|upgrade|no-cache-dir|no-deps|no-input|pre|prefer-binary|user|no-compile|verbose"
    r"|disable-pip-version-check|break-system-packages|no-warn-script-location)"
    r"|--(?:index-url|extra-index-url|only-binary|root-user-action|progress-bar|timeout|retries)=\S+"
)
MAX_INCLUDES = 20
NPM_FILES = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", ".npmrc", ".yarnrc")
NPM_SCRIPTS = ("preinstall", "install", "postinstall", "prepare", "prepublish", "preprepare", "postprepare")
DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "overrides", "resolutions")


def nothing(part: str, files: Files) -> Needs:
    return []


def pip(part: str, files: Files) -> Needs:
    """Packages by name need no file; requirements files bring those that they include."""
    named, others = _pip_words(part.partition(" install ")[2].split())
    if any(_is_local(word) for word in others):
        return "pip installs from the code itself, so it runs again with every change."
    if any(word.startswith("-") and not PIP_FLAG.fullmatch(word) for word in others):
        return None
    return _with_includes(named, files)


def _is_local(word: str) -> bool:
    return not word.startswith("-") and ("/" in word or word.startswith(".") or word.endswith((".whl", ".gz", ".zip")))


def _pip_words(words: list[str]) -> tuple[list[str], list[str]]:
    """The files after `-r` and `-c`, and all other words."""
    named = [word for before, word in zip(words, words[1:], strict=False) if before in ("-r", "-c")]
    others = [word for before, word in zip(["", *words], words, strict=False) if not {before, word} & {"-r", "-c"}]
    return named, others


def _with_includes(waiting: list[str], files: Files) -> Needs:
    found: list[str] = []
    while waiting and len(found) < MAX_INCLUDES:
        path = posixpath.normpath(waiting.pop())
        if path in found:
            continue
        text = files.text(path)
        if not files.has(path) or path not in files.texts or LOCAL.search(text):
            return f"pip reads more than {path}, so it runs again with every change."
        found.append(path)
        waiting += [posixpath.join(posixpath.dirname(path), include) for include in INCLUDE.findall(text)]
    return "There are too many requirements files, so pip runs again with every change." if waiting else sorted(found)


def npm(part: str, files: Files) -> Needs:
    package = nodejs.package(files)
    scripts = [name for name in NPM_SCRIPTS if name in nodejs.section(files, "scripts")]
    if scripts:
        return f"package.json has a {scripts[0]} script, so the install runs again with every change."
    if "workspaces" in package or files.has("pnpm-workspace.yaml", ".yarnrc.yml", "binding.gyp", ".pnpmfile.cjs"):
        return "The install reads more than package.json, so it runs again with every change."
    versions = " ".join(version for name in DEPENDENCIES for version in nodejs.section(files, name).values())
    if re.search(r"\b(?:file|link|portal|workspace|patch):|(?:^|\s)\.{0,2}/", versions) or "pnpm" in package:
        return "A dependency in package.json is a folder, so the install runs again with every change."
    return ["package.json", *_existing(files, *NPM_FILES)] if files.has("package.json") else None


def poetry(part: str, files: Files) -> Needs:
    if "--no-root" not in part or re.search(r"\bpath\s*=", files.text("pyproject.toml")):
        return "poetry installs the code itself, so it runs again with every change."
    return _existing(files, "pyproject.toml", "poetry.lock", "poetry.toml") or None


def bundler(part: str, files: Files) -> Needs:
    if re.search(r"\bpath[:\s]|\bgemspec\b|\beval_gemfile\b|\brequire_relative\b|File\.", files.text("Gemfile")):
        return "Gemfile reads other files, so the install runs again with every change."
    return _existing(files, "Gemfile", "Gemfile.lock", ".ruby-version", ".tool-versions") or None


def go(part: str, files: Files) -> Needs:
    if re.search(r"=>\s*\.{1,2}/", files.text("go.mod")) or files.has("go.work"):
        return "go.mod replaces a module by a folder, so modules are fetched again with every change."
    return _existing(files, "go.mod", "go.sum") if files.has("go.mod", "go.sum") else None


def mix(part: str, files: Files) -> Needs:
    text = files.text("mix.exs")
    if re.search(r"\b(?:path|in_umbrella|apps_path):|File\.|Code\.", text) or files.has("config/config.exs"):
        return "mix reads more than mix.exs, so it runs again with every change."
    return _existing(files, "mix.exs", "mix.lock") or None


def _existing(files: Files, *paths: str) -> list[str]:
    return [path for path in paths if files.has(path)]
