"""Store: the image is kept as an artifact, by digest, for this release and for coming back to it."""

from __future__ import annotations

from releases.models import Artifact, Release, ResourceKind
from releases.stages.base import Context
from releases.stages.search import search


def store(context: Context) -> None:
    """From here on the image belongs to the artifact, and is no longer removed with a release that fails.

    Raises SecretInImage for an image that is not to be kept.
    """
    release, image = context.release, context.image
    assert image is not None  # noqa: S101 - build has run
    if context.artifact is None:
        search(context)
        context.artifact = Artifact.objects.create(
            service=release.service,
            name=image.name,
            digest=image.digest,
            size=image.size,
            commit_sha=release.commit_sha,
            build_key=context.build_key,
        )
        context.ledger.strike(ResourceKind.IMAGE, image.name)
        context.say(f"Stored {image.digest[:19]}, {image.size / 1_000_000:.0f} MB.")
    release.artifact = context.artifact
    Release.objects.filter(pk=release.pk).update(artifact=context.artifact)
