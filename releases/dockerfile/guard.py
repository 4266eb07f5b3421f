"""What a repository's own Dockerfile may ask of the engine, which also holds what belongs to others.

The rules are those of measured attacks: an image by the beginning of its id, a fetch by the engine from its own
machine, an image behind a variable or in a base image's trigger. What is not known to be harmless is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from releases.dockerfile import names
from releases.dockerfile.arguments import Unclear, define, expand
from releases.dockerfile.parsing import Instruction, instruction, parse
from releases.dockerfile.refused import Refused

FLAGS = {
    "FROM": {"platform"},
    "COPY": {"from", "chown", "chmod"},
    "ADD": {"chown", "chmod"},
    "HEALTHCHECK": {"interval", "timeout", "start-period", "retries"},
}
WHY_NO_FLAG = {
    "mount": "Mounts need a builder that this platform does not use. Copy the files; variables that are marked "
    "“At build” are given without one.",
    "network": "A build chooses no network: it has the platform's own.",
    "security": "A build gets no further rights.",
    "link": "It needs a builder that this platform does not use; without it the result is the same.",
}
FROM = re.compile(r"(?P<image>\S+)(?:[ \t]+AS[ \t]+(?P<stage>[a-z][a-z0-9_.-]*))?", re.IGNORECASE | re.ASCII)
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:|git@|//", re.IGNORECASE)
HIDING = re.compile(r"[$\"'\\`]")


@dataclass
class Stages:
    """What has been defined so far, while a file is read from its beginning."""

    build_args: Mapping[str, str] = field(default_factory=dict)
    values: dict[str, str | None] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    count: int = 0
    images: dict[str, Instruction] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """A Dockerfile that may be built. `images` are those it starts from or copies from, and where each is named."""

    instructions: tuple[Instruction, ...]
    images: Mapping[str, Instruction]


def judge(text: str, build_args: Mapping[str, str] | None = None) -> Judged:
    """Raises Refused. `build_args` are those of the platform."""
    stages = Stages(build_args or {})
    instructions = parse(text)
    for one in instructions:
        _check(one, stages)
    return Judged(tuple(instructions), stages.images)


def judge_triggers(triggers: Iterable[str], named: Instruction) -> None:
    """The instructions that a base image, named there, would add to the build (ONBUILD). Raises Refused."""
    for trigger in triggers:
        try:
            for one in parse(trigger):
                _check(one, Stages())
        except Refused as refused:
            raise named.refuse(f"That image adds “{refused.shown}” to the build. {refused.why}") from refused


def _check(one: Instruction, stages: Stages) -> None:
    for name, _ in one.flags:
        if name not in FLAGS.get(one.keyword, set()):
            raise one.refuse(WHY_NO_FLAG.get(name, f"{one.keyword} has no option --{name}."))
    if check := CHECKS.get(one.keyword):
        check(one, stages)


def _arg(one: Instruction, stages: Stages) -> None:
    if stages.count == 0:
        try:
            define(one.rest, stages.values, stages.build_args)
        except Unclear as unclear:
            raise one.refuse(f"It {unclear}.") from unclear


def _from(one: Instruction, stages: Stages) -> None:
    found = FROM.fullmatch(one.rest)
    if not found:
        raise one.refuse("It must read: FROM image, or FROM image AS name.")
    try:
        image = expand(found["image"], stages.values)
    except Unclear as unclear:
        raise one.refuse(f"The name of the image {unclear}.") from unclear
    if image.lower() not in stages.names and image != "scratch":
        _public(one, image, stages)
    stages.count += 1
    if found["stage"]:
        stages.names.add(found["stage"].lower())


def _public(one: Instruction, image: str, stages: Stages) -> None:
    if problem := names.problem_of(image):
        raise one.refuse(problem)
    stages.images.setdefault(image, one)


def _copy(one: Instruction, stages: Stages) -> None:
    for name, source in one.flags:
        if name == "from" and not _is_stage(source, stages):
            _public(one, source, stages)


def _is_stage(source: str, stages: Stages) -> bool:
    return source.lower() in stages.names or bool(
        re.fullmatch(r"0|[1-9][0-9]{0,3}", source) and int(source) < stages.count - 1
    )


def _add(one: Instruction, stages: Stages) -> None:
    """Quotes and variables are resolved by the builder after this look, so they could hide an address."""
    for source in _sources(one.rest):
        if HIDING.search(source):
            raise one.refuse("What ADD takes must be written plainly, without variables. COPY may have them.")
        if ADDRESS.match(source.lstrip()):
            raise one.refuse(
                "The engine would fetch it from inside the platform. Fetch it with RUN, for example with curl."
            )


def _sources(rest: str) -> list[str]:
    """All but the target. A list that is not one is read as words, as the builder does."""
    words: object = None
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except ValueError:
            words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        words = rest.split()
    return [str(word) for word in words[:-1]]


def _trigger(one: Instruction, stages: Stages) -> None:
    """Carried out when a later stage starts from this one."""
    inner = instruction(one.line, one.rest)
    if inner.keyword in ("FROM", "ONBUILD", "MAINTAINER"):
        raise one.refuse(f"ONBUILD cannot hold {inner.keyword}.")
    _check(inner, stages)


CHECKS: dict[str, Callable[[Instruction, Stages], None]] = {
    "ARG": _arg,
    "FROM": _from,
    "COPY": _copy,
    "ADD": _add,
    "ONBUILD": _trigger,
}
