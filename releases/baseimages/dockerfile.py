"""The build that turns Debian's small system into the image of a language version."""

from __future__ import annotations

import io
import json
import shlex
import tarfile
from collections.abc import Callable, Iterator

from services.languages import Recipe

NAME = "Dockerfile"


def suite_image(suite: str) -> str:
    return f"debian:{suite}-slim"


def dockerfile(recipe: Recipe) -> str:
    """The packages in one step; the recipe's commands in another, as they are quick and change more often."""
    lines = [f"FROM {suite_image(recipe.suite)}", f"RUN {_install(recipe.packages)}"]
    lines += [f"RUN {command}" for command in recipe.commands]
    if recipe.environment:
        lines.append("ENV " + " ".join(f'{name}="{value}"' for name, value in recipe.environment.items()))
    if recipe.command:
        lines.append(f"CMD {json.dumps(recipe.command)}")
    return "\n".join(lines) + "\n"


def context(recipe: Recipe) -> Callable[[], Iterator[bytes]]:
    """A build context of one file."""
    content = dockerfile(recipe).encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(NAME)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return lambda: iter([packed.getvalue()])


def _install(packages: tuple[str, ...]) -> str:
    names = shlex.join(packages)
    return (
        "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "
        f"{names} && rm -rf /var/lib/apt/lists/*"
    )
