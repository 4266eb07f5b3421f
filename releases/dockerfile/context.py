"""What a build is made of, besides the files of the commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.repository.paths import inside
from services.repository.tree import Tree

# Folders that an install makes: copied over a fresh install they would replace it by what somebody committed.
INSTALLED = ("**/node_modules", "**/.venv")


@dataclass(frozen=True)
class Build:
    """The settings that a build depends on. `service` is the service's id: it keeps the layers of services apart.

    `output` is for static sites: the folder that the build writes, found by itself when empty. `variables` is the
    fingerprint of those that the build's commands are given, empty without any. `mark` are labels for the image.
    """

    service: str
    language: str
    version: str = ""
    build_command: str = ""
    dockerfile: str = "Dockerfile"
    output: str = ""
    variables: str = ""
    mark: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """`files` lie beside the commit's, which are below `prefix`; `dockerfile` names one of either. `notes` are for
    the log.
    """

    dockerfile: str
    prefix: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    implicit_ignores: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def own(build: Build, tree: Tree) -> Context:
    """The build of the repository's own Dockerfile. Raises RepositoryError (`dockerfile`) when it is not a file."""
    path = inside(build.dockerfile or "Dockerfile", "dockerfile")
    return Context(tree.regular(path, "dockerfile").path)
