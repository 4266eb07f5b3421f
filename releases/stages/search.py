"""The secret canary: an image that holds a secret value of its release is not kept."""

from __future__ import annotations

import os
from collections.abc import Sequence

from releases.canary.search import Search
from releases.canary.secret import Find, Secret
from releases.engine.base import Cancelled, Engine, Labels
from releases.models import Release
from releases.stages.base import Context, StageFailed

OTHERWISE = "If it is no secret, untick Secret in Environment Variables."


class SecretInImage(StageFailed):
    """The finished image holds secret values; `finds` tell which and where, never what they are."""

    code = "secret-in-image"

    def __init__(self, finds: Sequence[Find]) -> None:
        super().__init__(f"{sentence(finds[0])} {advice(finds[0])} {OTHERWISE}")
        self.finds = tuple(finds)


def search(context: Context) -> None:
    """Costs nothing for a release without secrets. Raises SecretInImage, and Stopped."""
    secrets = secrets_of(context.release)
    telling = [secret for secret in secrets if secret.is_distinctive]
    if len(telling) < len(secrets):
        context.say(f"{_values(len(secrets) - len(telling))} too short or too plain to look for in the image.")
    if not telling:
        return
    assert context.image is not None  # noqa: S101 - build has run
    release = context.release
    labels = Labels(
        environment=release.service.environment.code, service=str(release.service_id), release=str(release.pk)
    )
    base = base_layers(context.engine, context.image.digest, context.base_images)
    try:
        result = Search(context.engine, context.image.digest, base, telling, labels, context.lease.stopping).run()
    except Cancelled as error:
        raise context.lease.stopped() from error
    if result.stopped:
        context.say(result.stopped)
    for find in result.finds:
        context.say(sentence(find))
    if result.finds:
        raise SecretInImage(result.finds)
    if not result.stopped:
        size = result.size / 1_000_000
        context.say(f"Searched what the build added, {size:.1f} MB, and its history, for secrets: none found.")


def secrets_of(release: Release) -> list[Secret]:
    """What must not be in its image. Of a token with a user name only the token itself."""
    credentials = release.credentials
    variables = [Secret(row.key, row.value) for row in release.variables if row.is_secret and row.value]
    others = {
        "the repository's access token": credentials.token.rpartition(":")[2],
        "the repository's deploy key": credentials.deploy_key,
    }
    return [*variables, *(Secret(name, value) for name, value in others.items() if value)]


def base_layers(engine: Engine, image: str, names: Sequence[str]) -> int:
    """How many of the image's layers are those of the image that it was built from."""
    described = engine.describe_image(image)
    layers = described.layers if described else ()
    bases = (engine.describe_image(name) for name in names)
    return max((len(os.path.commonprefix([layers, base.layers])) for base in bases if base), default=0)


def sentence(find: Find) -> str:
    """Where it is."""
    if find.path:
        by = f", put there by “{find.instruction}”" if find.instruction else ""
        return f"The image holds the secret value of {find.secret}: in {find.path} (layer {find.layer + 1}){by}."
    place = f"history, at “{find.instruction}”" if find.instruction else "settings"
    return f"The image tells the secret value of {find.secret}: in its {place}."


def advice(find: Find) -> str:
    if not find.path:
        return (
            "Give no secrets to a build by ARG or ENV: mark the variable “At build” in Environment Variables, and the "
            "commands of the build have it without a trace."
        )
    if find.instruction.upper().startswith(("COPY", "ADD")):
        return (
            "It is in the repository: remove it there, and replace the secret, for the repository's history keeps it."
        )
    return "A command of the build wrote it: let the service read the variable when it runs instead."


def _values(count: int) -> str:
    return "1 secret value is" if count == 1 else f"{count} secret values are"
