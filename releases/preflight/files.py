"""What the files of a commit say about the settings that they are to be built with. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from releases.dockerfile.guard import judge
from releases.dockerfile.refused import Refused
from releases.preflight.note import Note, problem, warning
from services import languages
from services.repository.detection import Detection, detect
from services.repository.errors import RepositoryError
from services.repository.files import Files
from services.repository.tree import Tree
from services.settings import ServiceSettings

DOCKERFILE = "dockerfile"
REQUIREMENTS = re.compile(r"\bpip3? install\b[^&;|\n]*?(?:-r|--requirement)[ =](?P<path>[\w./-]+)")
# A command, and the files of which it needs one.
MANIFESTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(command), files)
    for command, files in (
        (r"\bnpm ci\b", ("package-lock.json", "npm-shrinkwrap.json")),
        (r"(?<![\w-] )\b(?:npm (?:install|i|run)|yarn|pnpm (?:install|i|run))\b(?! -g| --global)", ("package.json",)),
        (r"\b(?:poetry install|uv sync)\b", ("pyproject.toml",)),
        (r"\bpipenv install\b", ("Pipfile",)),
        (r"\bbundle install\b", ("Gemfile",)),
        (r"\bcomposer install\b", ("composer.json",)),
        (r"\bgo (?:build|mod download)\b", ("go.mod",)),
        (r"\bcargo build\b", ("Cargo.toml",)),
        (r"(?<!/)\bmvn\b", ("pom.xml",)),
        (r"(?<!/)\bgradle\b", ("build.gradle", "build.gradle.kts")),
        (r"\./mvnw\b", ("mvnw",)),
        (r"\./gradlew\b", ("gradlew",)),
        (r"\bmix (?:deps\.get|compile)\b", ("mix.exs",)),
    )
)
ELSEWHERE = re.compile(r"\b(?:cd|pushd)\s|--prefix\b|--cwd\b|\s-C\s|--manifest-path\b|--project\b|\s-f\s")
EXPOSE = re.compile(r"^\s*EXPOSE\s+(?P<ports>[^\n]+)", re.MULTILINE | re.IGNORECASE)
PORT_GIVEN = re.compile(r"(?:--port[ =]|\s-p[ =]?|0\.0\.0\.0:)(?P<port>\d{2,5})\b")


def look_at_files(settings: ServiceSettings, tree: Tree, files: Files) -> Iterator[Note]:
    """`tree` and `files` are those below the settings' subfolder."""
    if settings.language == DOCKERFILE:
        yield from _dockerfile(settings, tree, files)
        return
    found = detect(files)
    yield from _language(settings, found)
    yield from _version(settings, found)
    yield from _manifests(settings.build_command, files)
    yield from _port(settings, files, found)


def _dockerfile(settings: ServiceSettings, tree: Tree, files: Files) -> Iterator[Note]:
    path = settings.dockerfile or "Dockerfile"
    try:
        tree.regular(path, "dockerfile")
    except RepositoryError as error:
        yield problem("dockerfile", error.message)
        return
    text = files.text(path)
    try:
        if text:
            judge(text)
    except Refused as refused:
        yield problem("dockerfile", str(refused))
    ports = re.findall(r"\b\d{1,5}\b", " ".join(EXPOSE.findall(text)))
    if ports and str(settings.port) not in ports:
        yield warning("port", f"{path} exposes port {' and '.join(ports[:3])}, but Port is set to {settings.port}.")


def _language(settings: ServiceSettings, found: Detection) -> Iterator[Note]:
    likely = found.language
    if likely is not None and likely.value not in (settings.language, DOCKERFILE, "static"):
        chosen, label = languages.get(settings.language).label, languages.get(likely.value).label
        if settings.language != "static":
            yield warning("language", f"The code looks like {label}, not {chosen}: {_inside(likely.reason)}")


def _version(settings: ServiceSettings, found: Detection) -> Iterator[Note]:
    """Only where the code itself asks for one, and not for the chosen one."""
    if found.language is None or found.language.value != settings.language or found.version is None:
        return
    asks = " asks for " in found.version.reason
    if asks and found.version.value != settings.version and not _suits(settings.version, found.version.reason):
        label = languages.get(settings.language).label
        yield warning("version", f"{found.version.reason} {label} {found.version.value} would suit it.")


def _suits(version: str, reason: str) -> bool:
    """Whether the chosen version is one that the code would take as well."""
    return languages.suits(version, reason.partition(" asks for ")[2].rstrip("."))


def _manifests(command: str, files: Files) -> Iterator[Note]:
    """A command that goes to another folder first, or names one, is left alone."""
    if ELSEWHERE.search(command):
        return
    for match in REQUIREMENTS.finditer(command):
        path = match["path"].removeprefix("./")
        if not files.has(path):
            yield warning("build_command", f"It installs from {path}, which is not in the repository.")
    for pattern, needed in MANIFESTS:
        match_ = pattern.search(command)
        if match_ and not files.has(*needed):
            yield warning(
                "build_command", f"“{match_[0]}” needs {' or '.join(needed)}, which is not in the repository."
            )


def _port(settings: ServiceSettings, files: Files, found: Detection) -> Iterator[Note]:
    given = PORT_GIVEN.search(settings.start_command)
    if given and int(given["port"]) != settings.port:
        yield warning("port", f"The Start Command names port {given['port']}, but Port is set to {settings.port}.")
        return
    named = found.port if found.port and found.port.reason.endswith(" names this port.") else None
    if named is None or given or named.value == str(settings.port):
        return
    path = named.reason.partition(" ")[0]
    if "PORT" not in files.text(path):  # else the code follows the variable, and this is only its default
        yield warning("port", f"{path} listens on port {named.value}, but Port is set to {settings.port}.")


def _inside(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
