"""What an image says of itself."""

from __future__ import annotations

import json
import re
from typing import Any

from releases.engine.base import ImageDescription, NotFound, Rejected, Step
from releases.engine.docker.names import INSTALLATION
from releases.engine.docker.transport import Transport

BUILT = re.compile(r"(?:\|\d+ )?(?P<arguments>.*?)/bin/sh -c (?P<declared>#\(nop\) +)?", re.DOTALL)


def describe(transport: Transport, name: str) -> ImageDescription | None:
    """Of any image, also of another installation's."""
    try:
        with transport.sdk() as docker:
            found: dict[str, Any] = docker.inspect_image(name)  # type: ignore[no-untyped-call]
        with transport.sdk() as docker:
            steps: list[dict[str, Any]] = docker.history(found["Id"])  # type: ignore[no-untyped-call]
    except (NotFound, Rejected):  # refused: not a possible name
        return None
    configuration: dict[str, Any] = found.get("Config") or {}
    return ImageDescription(
        managed=INSTALLATION in (configuration.get("Labels") or {}),
        triggers=tuple(configuration.get("OnBuild") or ()),
        history=tuple(_step(step) for step in reversed(steps)),
        layers=tuple((found.get("RootFS") or {}).get("Layers") or ()),
        configuration=json.dumps([configuration, found.get("Comment"), found.get("Author")], ensure_ascii=False),
    )


def _step(step: dict[str, Any]) -> Step:
    """In the words of a Dockerfile, as far as they can be told; the values of build arguments stand before it."""
    text, image = step.get("CreatedBy") or "", step.get("Id") or ""
    found = BUILT.match(text)
    if found:
        command = text[found.end() :]
        text = command if found["declared"] else f"{found['arguments']}RUN {command}"
    return Step(text, image if image.startswith("sha256:") else "")
