"""What the table of languages is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recipe:
    """How an image with this version is made of Debian packages, for places that no image registry reaches.

    `packages` as apt takes them, with a version (`nodejs=24.*`) where the image's name promises one. `commands` run in
    the image, in a shell, after the packages are installed. `environment` and `command` (the image's CMD) are the
    image's own, as the official image has them.
    """

    suite: str
    packages: tuple[str, ...]
    commands: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Version:
    """`number` is what people choose and what is stored; `recipe` is None where Debian has no such version."""

    number: str
    image: str
    recipe: Recipe | None = None
    end_of_life: bool = False

    @property
    def label(self) -> str:
        return f"{self.number} (end of life)" if self.end_of_life else self.number


@dataclass(frozen=True)
class Language:
    """`prepare` is a command that a build needs before the person's own, where the official image lacks something.

    A Dockerfile service has no versions and no commands; a static site has no start command.
    """

    key: str
    label: str
    versions: tuple[Version, ...] = ()
    default_version: str = ""
    build_command: str = ""
    start_command: str = ""
    port: int = 3000
    prepare: str = ""

    @property
    def has_start_command(self) -> bool:
        return bool(self.start_command)
