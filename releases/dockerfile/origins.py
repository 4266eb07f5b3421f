"""Which images a repository's own Dockerfile starts from, so that they can be had before the build."""

from __future__ import annotations

import re

FROM = re.compile(
    r"^\s*FROM\s+(?:--\S+\s+)*(?P<image>\S+)(?:\s+AS\s+(?P<stage>\S+))?\s*$", re.IGNORECASE | re.MULTILINE
)


def origins(text: str) -> tuple[str, ...]:
    """Names as written. The file's own stages, `scratch`, and names that hold a variable are left to the builder."""
    stages: set[str] = set()
    images: dict[str, None] = {}
    for match in FROM.finditer(text):
        image = match["image"]
        if image.lower() not in stages and image.lower() != "scratch" and "$" not in image:
            images[image] = None
        if match["stage"]:
            stages.add(match["stage"].lower())
    return tuple(images)
