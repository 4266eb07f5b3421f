"""Causes in the build's own commands and limits."""

from __future__ import annotations

import re

from releases.diagnosis.cause import Cause, Finding, cause, high, medium
from releases.diagnosis.commands import nearest_command, with_word
from releases.diagnosis.facts import KILLED, Facts, Kind
from releases.diagnosis.shortcut import EDIT_BUILD, EDIT_SUBFOLDER, NEWEST, RETRY, Shortcut, deploy, edit

NOT_FOUND = (
    re.compile(
        r"^(?:/bin/|/usr/bin/)?(?:ba|da|a)?sh: (?:(?:line )?\d+: )?(?P<name>[^\s:]+): (?:command )?not found\s*$"
    ),
    re.compile(r"exec: \"?(?P<name>[^\":]+)\"?: executable file not found in \$PATH"),
    re.compile(r"Missing script: \"(?P<script>[^\"]+)\""),
)
NOT_FOUND_CODE = 127  # of a shell (POSIX, 2.8.2)
HEAP = re.compile(
    r"JavaScript heap out of memory|Reached heap limit|java\.lang\.OutOfMemoryError|Cannot allocate memory|"
    r"fatal error: out of memory|signal: 9, SIGKILL|\bMemoryError\b"
)
NO_SPACE = re.compile(r"No space left on device|\bENOSPC\b|Disk quota exceeded")
TIME = re.compile(r"took longer than its limit of (?P<seconds>\S+) seconds")
NO_PAGES = re.compile(r"The build wrote no index\.html into (?P<where>.+?)\.?$")
FULL_MB = 2048  # a disk of the engine with less is the likely one; a build has small ones of its own
# How the tools that a base image lacks are had in it.
TOOLS = {
    "poetry": "pip install poetry",
    "pipenv": "pip install pipenv",
    "uv": "pip install uv",
    "pnpm": "npm install -g pnpm",
    "yarn": "npm install -g --force yarn@1",
}


@cause(
    "build-command-not-found",
    "A command of the build does not exist",
    looks_at="Exit code 127, and what the shell or npm says about the name.",
    offers="Deploys with the command of the nearest name, or with the tool installed first.",
)
def command_not_found(facts: Facts) -> Finding | None:
    hit = facts.search(*NOT_FOUND) if facts.is_building else None
    if hit is None:
        return None
    if script := hit["script"]:
        sentence = f"package.json has no script “{script}”, which the Build Command runs."
        return high(sentence, hit.line, shortcuts=(EDIT_BUILD, NEWEST))
    name = hit["name"]
    sentence = f"The build runs the command “{name}”, which does not exist in it."
    sure = high if facts.failure.exit_code == NOT_FOUND_CODE else medium
    return sure(
        sentence, hit.line, shortcuts=(*_better(facts, name), EDIT_BUILD, edit("Edit the language", "language"), NEWEST)
    )


def _better(facts: Facts, name: str) -> tuple[Shortcut, ...]:
    command = facts.settings.build_command
    if tool := TOOLS.get(name):
        return (deploy(f"Install {name} first", build_command=f"{tool} && {command}"),) if command else ()
    near = nearest_command(name)
    changed = with_word(command, name, near) if near else command
    return (deploy(f"Use “{changed}”", build_command=changed),) if changed != command else ()


@cause(
    "build-out-of-memory",
    "The build needs more memory than it may use",
    looks_at="Exit code 137, and what runtimes say when their memory is full.",
    offers="Opens the Build Command; retries.",
)
def out_of_memory(facts: Facts) -> Finding | None:
    if not facts.is_building or facts.failure.kind is not Kind.BUILD:
        return None
    hit = facts.search(HEAP)
    sentence = "The build ran out of memory: it may use 2048 MB. Let it do less at once, or build in parts."
    if hit:
        return high(sentence, hit.line, shortcuts=(EDIT_BUILD, RETRY))
    if facts.failure.exit_code == KILLED:
        return high(sentence, *facts.output[-3:], *facts.said, shortcuts=(EDIT_BUILD, RETRY))
    return None


@cause(
    "build-out-of-disk",
    "The build found no more space on the disk",
    looks_at="“No space left on device” in what the build printed.",
    offers="Retries, after the operator made room.",
)
def out_of_disk(facts: Facts) -> Finding | None:
    hit = facts.search(NO_SPACE) if facts.is_building else None
    said = NO_SPACE.search(facts.failure.reason) if facts.is_building else None
    if hit is None and said is None:
        return None
    full = facts.capacity is not None and facts.capacity.disk_free_mb < FULL_MB
    free = f" The engine has {facts.capacity.disk_free_mb} MB free." if full and facts.capacity else ""
    sentence = f"The build found no more space on the disk.{free}"
    return high(sentence, *((hit.line,) if hit else facts.said), shortcuts=(RETRY, EDIT_BUILD))


@cause(
    "build-timeout",
    "The build takes too long",
    looks_at="The time limit of builds.",
    offers="Retries: finished steps are not done again.",
)
def timeout(facts: Facts) -> Finding | None:
    match = TIME.search(facts.failure.reason) if facts.failure.kind is Kind.BUILD else None
    if match is None:
        return None
    sentence = f"The build was stopped at its limit of {match['seconds']} seconds."
    return high(sentence, *facts.output[-3:], *facts.said, shortcuts=(RETRY, EDIT_BUILD))


@cause(
    "no-pages",
    "The build of a static site wrote no pages",
    looks_at="The folders that static sites are served from: none has an index.html.",
    offers="Opens the Build Command.",
)
def no_pages(facts: Facts) -> Finding | None:
    hit = facts.search(NO_PAGES) if facts.is_building else None
    if hit is None:
        return None
    return high(hit.match[0], hit.line, shortcuts=(EDIT_BUILD, EDIT_SUBFOLDER, NEWEST))


@cause(
    "build-syntax-error",
    "The code cannot be read by its compiler",
    looks_at="Syntax errors in what the build printed.",
    offers="Deploys the newest commit, after the code was corrected.",
)
def syntax_error(facts: Facts) -> Finding | None:
    hit = (
        facts.search(re.compile(r"^\s*(?P<name>SyntaxError|IndentationError): (?P<text>.+)"))
        if facts.is_building
        else None
    )
    if hit is None:
        return None
    return medium(f"The build met code that cannot be read: {hit['text']}.", hit.line, shortcuts=(NEWEST,))


CAUSES: tuple[Cause, ...] = (
    timeout,
    out_of_disk,
    out_of_memory,
    command_not_found,
    no_pages,
    syntax_error,
)
