"""Where repositories say which version of a language they need."""

from __future__ import annotations

import re

from services import languages
from services.languages import Language
from services.repository.detection import nodejs
from services.repository.detection.types import Proposal
from services.repository.files import Files

# File and pattern of the text that names a version, in the order in which they count.
SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "python": (
        (".python-version", r"^\s*([\d.]+)"),
        ("runtime.txt", r"python-([\d.]+)"),
        (".tool-versions", r"^python\s+([\d.]+)"),
        ("pyproject.toml", r"""requires-python\s*=\s*["']([^"'\n]{1,60})["']"""),
        ("pyproject.toml", r"""^python\s*=\s*["']([^"'\n]{1,60})["']"""),
        ("Pipfile", r"""python_version\s*=\s*["']([\d.]+)["']"""),
    ),
    "nodejs": (
        (".nvmrc", r"^\s*v?([\d.]+)"),
        (".node-version", r"^\s*v?([\d.]+)"),
        (".tool-versions", r"^nodejs\s+([\d.]+)"),
    ),
    "go": (("go.mod", r"^go\s+([\d.]+)"),),
    "ruby": (
        (".ruby-version", r"^\s*(?:ruby-)?([\d.]+)"),
        (".tool-versions", r"^ruby\s+([\d.]+)"),
        ("Gemfile", r"""^\s*ruby\s+["']([^"'\n]{1,60})["']"""),
    ),
    "php": (("composer.json", r'"php"\s*:\s*"([^"\n]{1,60})"'),),
    "java": (
        ("system.properties", r"java\.runtime\.version\s*=\s*([\d.]+)"),
        ("pom.xml", r"<(?:java\.version|maven\.compiler\.release|maven\.compiler\.source)>\s*([\d.]+)"),
        ("build.gradle", r"JavaLanguageVersion\.of\((\d+)\)"),
        ("build.gradle.kts", r"JavaLanguageVersion\.of\((\d+)\)"),
    ),
    "rust": (
        ("rust-toolchain.toml", r'channel\s*=\s*"([\d.]+)"'),
        ("rust-toolchain", r"^\s*([\d.]+)"),
        ("Cargo.toml", r'rust-version\s*=\s*"([\d.]+)"'),
    ),
    "elixir": ((".tool-versions", r"^elixir\s+([\d.]+)"), ("mix.exs", r'elixir:\s*"([^"\n]{1,60})"')),
}
# These name the oldest version that will do; newer ones run the same code.
AT_LEAST = {("go", "go.mod"), ("rust", "Cargo.toml")}


def version(files: Files, language: Language) -> Proposal | None:
    if not language.versions:
        return None
    wanted, source = _wanted(files, language.key)
    if not wanted:
        return Proposal(language.default_version, f"The usual version of {language.label}.")
    found = languages.nearest(language, wanted)
    return Proposal(found.number, f"{source} asks for {wanted}.")


def _wanted(files: Files, key: str) -> tuple[str, str]:
    for path, pattern in SOURCES.get(key, ()):
        if match := re.search(pattern, files.text(path), re.MULTILINE):
            return (">=" if (key, path) in AT_LEAST else "") + match[1].strip(), path
    if key == "nodejs" and (engines := nodejs.section(files, "engines").get("node", "")):
        return engines[:60], "package.json"
    return "", ""
