"""What will be built: the files, the Dockerfile, the images it starts from, and the key that tells equal builds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.crypto import salted_hmac

from releases.dockerfile import context as dockerfile
from releases.dockerfile.generate import base_images, generate
from releases.dockerfile.guard import judge
from releases.dockerfile.marking import Marked, marked
from releases.dockerfile.parsing import Instruction
from releases.dockerfile.refused import Refused
from releases.dockerfile.variables import CARRIER, given, script
from releases.stages.base import StageFailed
from services.repository.mirror import Mirror
from services.repository.tree import Tree
from services.settings import ServiceSettings, Variable, at_build

OWN = "dockerfile"


class DockerfileRefused(StageFailed):
    """The repository's own Dockerfile asks for what no build may have; `refused` tells which line."""

    code = Refused.code

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self.refused = refused


@dataclass(frozen=True)
class Plan:
    """`images` are those that the build starts from; `named` is where an own Dockerfile names them. `build_args` hold
    the values of the variables that the build's commands are given. `is_marked`: the Dockerfile carries the engine's
    mark; `marked` tells where an own one was given it.
    """

    mirror: Mirror
    tree: Tree
    context: dockerfile.Context
    images: tuple[str, ...]
    key: str
    build_args: Mapping[str, str] = field(repr=False)
    named: Mapping[str, Instruction] = field(default_factory=dict)
    is_marked: bool = False
    marked: Marked | None = None

    def retold(self, error: str) -> str:
        """What the builder says, in the line numbers of the repository's own Dockerfile."""
        return self.marked.retold(error) if self.marked else error

    def archive(self) -> Iterator[bytes]:
        """The build's input as a tar stream."""
        return self.mirror.archive(self.tree, self.context.files, self.context.prefix)


def make_plan(
    mirror: Mirror,
    commit: str,
    service: str,
    settings: ServiceSettings,
    variables: Sequence[Variable],
    build_args: Mapping[str, str],
    mark: Mapping[str, str],
) -> Plan:
    """`mark` are labels that the Dockerfile is to carry. Of the variables only those at build count.

    Raises RepositoryError where the settings do not fit the commit, and DockerfileRefused.
    """
    values = at_build(variables)
    arguments = {**build_args, CARRIER: script(values)} if values else build_args
    build = dockerfile.Build(
        service=service,
        language=settings.language,
        version=settings.version,
        build_command=settings.build_command,
        dockerfile=settings.dockerfile or "Dockerfile",
        variables=_fingerprint(values),
        mark=mark,
    )
    whole = mirror.tree(commit, settings.subfolder)
    if settings.language == OWN:
        tree, context, own = _own(mirror, whole, build, build_args)
        key = _key(commit, settings, context)
        return Plan(mirror, tree, context, tuple(own.images), key, arguments, own.images, bool(own.marked), own.marked)
    tree = mirror.context(whole, dockerfile.INSTALLED)
    context = generate(build, mirror.files(tree))
    return Plan(mirror, tree, context, base_images(build), _key(commit, settings, context), arguments, is_marked=True)


@dataclass(frozen=True)
class _Own:
    """What was found in an own Dockerfile, and made of it."""

    images: Mapping[str, Instruction]
    marked: Marked | None


def _own(
    mirror: Mirror, whole: Tree, build: dockerfile.Build, build_args: Mapping[str, str]
) -> tuple[Tree, dockerfile.Context, _Own]:
    """The files, the Dockerfile with mark and variables, and where it names images."""
    context = dockerfile.own(build, whole)
    tree = mirror.context(whole, keep=(context.dockerfile,))
    text = mirror.read(whole, context.dockerfile, field="dockerfile").decode(errors="replace")
    try:
        judged = judge(text, build_args)
        content = given(text, judged.instructions, build.variables) if build.variables else text
    except Refused as refused:
        raise DockerfileRefused(refused) from refused
    mark = marked(content, judged.instructions, build.mark)
    content = mark.text if mark else content
    others = tuple(entry for entry in tree.entries if entry.path != context.dockerfile)
    files = {context.dockerfile: content.encode()}
    return replace(tree, entries=others), replace(context, files=files), _Own(judged.images, mark)


def _fingerprint(values: Mapping[str, str]) -> str:
    """Tells equal variables without telling what they are; empty without any."""
    return salted_hmac("variables at build", script(values), algorithm="sha256").hexdigest()[:16] if values else ""


def _key(commit: str, settings: ServiceSettings, context: dockerfile.Context) -> str:
    """Equal for equal results: the commit, the part of it that is used, and all that is added to it."""
    files = {name: data.decode(errors="replace") for name, data in context.files.items()}
    inputs = [commit, settings.subfolder, settings.language, context.dockerfile, context.prefix, files]
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
