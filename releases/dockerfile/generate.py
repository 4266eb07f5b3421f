"""The Dockerfile of a service that has none of its own: from settings and the facts of a commit, nothing else.

Order decides what the next build can reuse: base, service, tools, manifests, install, source, build. The start command
and the variables belong to the instance, not to the image: changing them builds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from releases.dockerfile import shell, static
from releases.dockerfile.context import INSTALLED, Build, Context
from releases.dockerfile.split import Split, split
from releases.dockerfile.variables import beginning
from services import languages
from services.repository.files import Files
from services.repository.paths import inside

DOCKERFILE = "Dockerfile"
PREFIX = "app/"
# Output that waits in a buffer would reach the live log late.
ENVIRONMENT = {
    "python": {"PYTHONUNBUFFERED": "1", "PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    "nodejs": {"NPM_CONFIG_UPDATE_NOTIFIER": "false"},
    "elixir": {"MIX_ENV": "prod"},
}
ELIXIR_PACKAGES = re.compile(r"\{\s*:\w+\s*,|\bapps_path:")


def base_images(build: Build) -> tuple[str, ...]:
    """The official images that the build starts from, all of which must be there. Empty for an own Dockerfile."""
    language = languages.get(build.language)
    if not language.versions:
        return ()
    image = languages.find_version(language, build.version).image
    return (_builder_image(), image) if _builds_pages(build) else (image,)


def generate(build: Build, files: Files, pinned: Mapping[str, str] | None = None) -> Context:
    """`files` are the context's, after `.dockerignore`; `pinned` maps images to the ids that they have now."""
    images = [(pinned or {}).get(image, image) for image in base_images(build)]
    if build.language != "static":
        lines, notes = _application(build, build.language, images[0], files)
        return _context(lines, notes)
    if not _builds_pages(build):
        return _context(_pages(build, images[0], shell.copy([PREFIX], f"{static.FOLDER}/")), (), static.FILES)
    lines, notes = _application(build, "nodejs", f"{images[0]} AS build", files)
    lines.append(shell.run(static.collect(inside(build.output, "output"))))
    copy = shell.copy([f"{static.FOLDER}/"], f"{static.FOLDER}/", "--from=build ")
    return _context([*lines, *_pages(build, images[1], copy)], notes, static.FILES)


def _builds_pages(build: Build) -> bool:
    return build.language == "static" and bool(build.build_command.strip())


def _builder_image() -> str:
    nodejs = languages.get("nodejs")
    return languages.find_version(nodejs, nodejs.default_version).image


def _application(build: Build, language: str, image: str, files: Files) -> tuple[list[str], tuple[str, ...]]:
    """The instructions up to the end of the build command, and notes for the log."""
    command = build.build_command.strip()
    parts = _parts(command, language, files)
    begin = beginning(build.variables) if build.variables else ""
    lines = [f"FROM {image}", *_environment(build, language), "WORKDIR /app"]
    if prepare := _prepare(language, command, files):
        lines.append(shell.run(prepare))
    if parts.install:
        lines += [*_copies(parts.needs), shell.run(begin + parts.install)]
    lines.append(shell.copy([PREFIX], "./"))
    if parts.rest:
        lines.append(shell.run(begin + parts.rest))
    return lines, (parts.note,) if parts.note else ()


def _prepare(language: str, command: str, files: Files) -> str:
    """What the official image lacks, for builds that use it: the others then need no network."""
    mix = files.text("mix.exs")
    used = {"php": "composer" in command, "elixir": not mix or bool(ELIXIR_PACKAGES.search(mix))}
    return languages.get(language).prepare if used.get(language) else ""


def _parts(command: str, language: str, files: Files) -> Split:
    """`go build` fetches modules by itself; fetching them first, in a layer of its own, changes nothing else."""
    if language == "go" and files.has("go.sum") and "go mod" not in command:
        warm = split("go mod download", files)
        return Split(command, warm.install, warm.needs, warm.note)
    return split(command, files)


def _environment(build: Build, language: str) -> list[str]:
    values = {"KINTOHUB_SERVICE": build.service, **ENVIRONMENT.get(language, {})}
    return [*_mark(build), *(shell.environment(name, value) for name, value in values.items())]


def _mark(build: Build) -> list[str]:
    return [shell.label(name, value) for name, value in build.mark.items()]


def _copies(paths: tuple[str, ...]) -> list[str]:
    """One COPY per folder: it keeps names, not folders."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(PREFIX + path)
    return [shell.copy(sources, f"./{folder}/" if folder else "./") for folder, sources in folders.items()]


def _pages(build: Build, image: str, copy: str) -> list[str]:
    """The server's part. SIGQUIT lets nginx finish what it is sending."""
    return [
        f"FROM {image}",
        *_mark(build),
        shell.environment("KINTOHUB_SERVICE", build.service),
        shell.copy([static.CONFIGURATION, static.PROGRAM], "/kintohub/"),
        copy,
        "STOPSIGNAL SIGQUIT",
        "ENTRYPOINT []",
        shell.command("sh", f"/kintohub/{static.PROGRAM}"),
    ]


def _context(lines: list[str], notes: tuple[str, ...], files: Mapping[str, bytes] | None = None) -> Context:
    text = "\n".join(lines) + "\n"
    return Context(DOCKERFILE, PREFIX, {DOCKERFILE: text.encode(), **(files or {})}, INSTALLED, notes)
