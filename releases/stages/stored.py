"""Whether the engine still has the image of an artifact."""

from __future__ import annotations

from releases.engine.base import Engine, Image
from releases.models import Artifact


def stored_image(engine: Engine, artifact: Artifact | None) -> Image | None:
    """The artifact's image, as long as it is on the engine unchanged and was not pruned."""
    if artifact is None or artifact.pruned_at is not None:
        return None
    image = engine.find_image(artifact.name)
    return image if image is not None and image.digest == artifact.digest else None
