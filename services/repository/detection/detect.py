"""One look at a repository's files, from the surest sign to the vaguest."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from services import languages
from services.repository.detection import nodejs, others, python
from services.repository.detection.types import Commands, Detection, Proposal, first
from services.repository.detection.versions import version
from services.repository.files import Files

# What tells a language, and its rules. package.json comes late: many applications in other languages have one for their
# pages. The index.html of a static site says least.
RULES: tuple[tuple[str, Callable[[Files], str], Callable[[Files], Commands]], ...] = (
    ("go", lambda files: first(files, "go.mod"), others.go),
    ("rust", lambda files: first(files, "Cargo.toml"), others.rust),
    ("elixir", lambda files: first(files, "mix.exs"), others.elixir),
    ("java", lambda files: first(files, "pom.xml", "build.gradle", "build.gradle.kts"), others.java),
    ("ruby", lambda files: first(files, "Gemfile"), others.ruby),
    ("php", lambda files: first(files, "composer.json", "artisan", "index.php", "public/index.php"), others.php),
    ("python", python.applies, python.commands),
    ("nodejs", nodejs.applies, nodejs.commands),
)
PROCFILE = re.compile(r"^web:[ \t]*(\S.{0,999})$", re.MULTILINE)
EXPOSE = re.compile(r"^\s*EXPOSE\s+(\d{1,5})", re.MULTILINE | re.IGNORECASE)
STATIC_PORT = Proposal("8080", "The web server of static sites listens on the port that is set here.")


def detect(files: Files) -> Detection:
    """Pure: the same files give the same proposals."""
    dockerfile = _dockerfile(files)
    if dockerfile:
        return _with_dockerfile(files, dockerfile)
    for key, applies, commands in RULES:
        if sign := applies(files):
            if key == "nodejs" and (tool := nodejs.only_pages(files)):
                return _static(files, f"package.json builds pages with {tool}.", nodejs.commands(files).build)
            return _with_procfile(files, _found(files, key, f"There is a file {sign}.", commands(files)))
    if files.has("index.html"):
        return _static(files, "There is an index.html and no application.", None)
    return Detection()


def _found(files: Files, key: str, reason: str, commands: Commands) -> Detection:
    language = languages.get(key)
    port = commands.port or Proposal(str(language.port), f"The usual port of {language.label}.")
    return Detection(Proposal(key, reason), version(files, language), commands.build, commands.start, port)


def _with_procfile(files: Files, found: Detection) -> Detection:
    if match := PROCFILE.search(files.text("Procfile")):
        return replace(found, start_command=Proposal(match[1].strip(), "The “web” line of Procfile."))
    return found


def _with_dockerfile(files: Files, path: str) -> Detection:
    exposed = EXPOSE.search(files.text(path))
    port = Proposal(exposed[1], f"{path} exposes this port.") if exposed and 0 < int(exposed[1]) < 65536 else None
    reason = f"There is a file {path}."
    return Detection(Proposal("dockerfile", reason), port=port, dockerfile=Proposal(path, reason))


def _static(files: Files, reason: str, build: Proposal | None) -> Detection:
    language = languages.get("static")
    return Detection(Proposal("static", reason), version(files, language), build, port=STATIC_PORT)


def _dockerfile(files: Files) -> str:
    named = [path for path in files.top("") if re.fullmatch(r"Dockerfile[.-][\w-]+", path)]
    return first(files, "Dockerfile", *named)
