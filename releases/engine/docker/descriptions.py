"""What an image says of itself."""

from __future__ import annotations

import json
from typing import Any

from releases.engine.base import ImageDescription, NotFound, Rejected
from releases.engine.docker.names import INSTALLATION
from releases.engine.docker.transport import Transport


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
        history=tuple(step.get("CreatedBy") or "" for step in reversed(steps)),
        layers=tuple((found.get("RootFS") or {}).get("Layers") or ()),
        configuration=json.dumps([configuration, found.get("Comment"), found.get("Author")], ensure_ascii=False),
    )
