"""What will be built: the files, the Dockerfile, the images it starts from, and the key that tells equal builds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from releases.dockerfile import context as dockerfile
from releases.dockerfile.generate import base_images, generate
from releases.dockerfile.origins import origins
from services.repository.mirror import Mirror
from services.repository.tree import Tree
from services.settings import ServiceSettings

OWN = "dockerfile"


@dataclass(frozen=True)
class Plan:
    mirror: Mirror
    tree: Tree
    context: dockerfile.Context
    images: tuple[str, ...]
    key: str

    def archive(self) -> Iterator[bytes]:
        """The build's input as a tar stream."""
        return self.mirror.archive(self.tree, self.context.files, self.context.prefix)


def make_plan(mirror: Mirror, commit: str, service: str, settings: ServiceSettings) -> Plan:
    """Raises RepositoryError where the settings do not fit the commit."""
    build = dockerfile.Build(
        service=service,
        language=settings.language,
        version=settings.version,
        build_command=settings.build_command,
        dockerfile=settings.dockerfile or "Dockerfile",
    )
    whole = mirror.tree(commit, settings.subfolder)
    if settings.language == OWN:
        context = dockerfile.own(build, whole)
        tree = mirror.context(whole, keep=(context.dockerfile,))
        text = mirror.read(whole, context.dockerfile, field="dockerfile").decode(errors="replace")
        images = origins(text)
    else:
        tree = mirror.context(whole, dockerfile.INSTALLED)
        context = generate(build, mirror.files(tree))
        images = base_images(build)
    return Plan(mirror, tree, context, images, _key(commit, settings, context))


def _key(commit: str, settings: ServiceSettings, context: dockerfile.Context) -> str:
    """Equal for equal results: the commit, the part of it that is used, and all that is added to it."""
    files = {name: data.decode(errors="replace") for name, data in context.files.items()}
    inputs = [commit, settings.subfolder, settings.language, context.dockerfile, context.prefix, files]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
