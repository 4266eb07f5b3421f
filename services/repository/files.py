"""The few files that say what an application is: read once, so that detection and the Dockerfile are pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from services.repository.tree import Entry, Tree

MAX_FILES = 60
MAX_BYTES = 256 * 1024
TELLING = re.compile(
    r"""
      (requirements|constraints)[^/]*\.txt | requirements/[^/]+\.txt
    | pyproject\.toml | poetry\.lock | uv\.lock | Pipfile | setup\.(py|cfg) | runtime\.txt | manage\.py
    | \.python-version | \.nvmrc | \.node-version | \.ruby-version | \.tool-versions | \.npmrc | Procfile
    | (app|main|wsgi|asgi|run|server|application|api|index|hello)\.(py|js|mjs|cjs|ts|rb|php|go)
    | package\.json | go\.mod | Gemfile | composer\.json | Cargo\.toml | rust-toolchain(\.toml)? | mix\.exs
    | pom\.xml | build\.gradle(\.kts)? | system\.properties | Dockerfile([.-][A-Za-z0-9_-]+)?
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Files:
    """All file names below a folder, and the text of the telling ones."""

    paths: frozenset[str]
    texts: dict[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """Empty for a file that is not there, or was not read."""
        return self.texts.get(path, "")

    def has(self, *paths: str) -> bool:
        """Whether one of them is there."""
        return not self.paths.isdisjoint(paths)

    def top(self, ending: str) -> list[str]:
        """Names of this ending directly in the folder."""
        return sorted(path for path in self.paths if path.endswith(ending) and "/" not in path)


def telling(tree: Tree) -> list[Entry]:
    """The entries worth reading: regular files with a known name, small enough, not too many."""
    found = (entry for entry in tree.entries if entry.is_file and entry.size <= MAX_BYTES)
    return [entry for entry in found if TELLING.fullmatch(entry.path)][:MAX_FILES]
