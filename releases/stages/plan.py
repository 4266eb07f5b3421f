"""What will be built: the files, the Dockerfile, the images it starts from, and the key that tells equal builds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from releases.dockerfile import context as dockerfile
from releases.dockerfile.generate import base_images, generate
from releases.dockerfile.guard import judge
from releases.dockerfile.parsing import Instruction
from releases.dockerfile.refused import Refused
from releases.stages.base import StageFailed
from services.repository.mirror import Mirror
from services.repository.tree import Tree
from services.settings import ServiceSettings

OWN = "dockerfile"


class DockerfileRefused(StageFailed):
    """The repository's own Dockerfile asks for what no build may have; `refused` tells which line."""

    code = Refused.code

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self.refused = refused


@dataclass(frozen=True)
class Plan:
    """`images` are those that the build starts from; `named` is where an own Dockerfile names them."""

    mirror: Mirror
    tree: Tree
    context: dockerfile.Context
    images: tuple[str, ...]
    key: str
    named: Mapping[str, Instruction] = field(default_factory=dict)

    def archive(self) -> Iterator[bytes]:
        """The build's input as a tar stream."""
        return self.mirror.archive(self.tree, self.context.files, self.context.prefix)


def make_plan(
    mirror: Mirror, commit: str, service: str, settings: ServiceSettings, build_args: Mapping[str, str]
) -> Plan:
    """Raises RepositoryError where the settings do not fit the commit, and DockerfileRefused."""
    build = dockerfile.Build(
        service=service,
        language=settings.language,
        version=settings.version,
        build_command=settings.build_command,
        dockerfile=settings.dockerfile or "Dockerfile",
    )
    whole = mirror.tree(commit, settings.subfolder)
    if settings.language != OWN:
        tree = mirror.context(whole, dockerfile.INSTALLED)
        context = generate(build, mirror.files(tree))
        return Plan(mirror, tree, context, base_images(build), _key(commit, settings, context))
    context = dockerfile.own(build, whole)
    tree = mirror.context(whole, keep=(context.dockerfile,))
    named = _judged(mirror.read(whole, context.dockerfile, field="dockerfile"), build_args)
    return Plan(mirror, tree, context, tuple(named), _key(commit, settings, context), named)


def _judged(content: bytes, build_args: Mapping[str, str]) -> Mapping[str, Instruction]:
    try:
        return judge(content.decode(errors="replace"), build_args).images
    except Refused as refused:
        raise DockerfileRefused(refused) from refused


def _key(commit: str, settings: ServiceSettings, context: dockerfile.Context) -> str:
    """Equal for equal results: the commit, the part of it that is used, and all that is added to it."""
    files = {name: data.decode(errors="replace") for name, data in context.files.items()}
    inputs = [commit, settings.subfolder, settings.language, context.dockerfile, context.prefix, files]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
