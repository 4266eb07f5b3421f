"""Gives variables to the commands of a build without leaving them in the image.

The builder has arguments of its own, those of proxies, which it hands to every command but writes neither into the
image nor into its history ("Predefined ARGs" in Docker's reference, meant for addresses with passwords). One of them
that nobody uses any more carries a line of shell for each variable; each command begins with reading it. What a command
itself writes into a file stays, of course: the finished image is searched for that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from releases.dockerfile.parsing import Instruction
from releases.dockerfile.static import quoted

CARRIER = "FTP_PROXY"
RUN = re.compile(r"^\s*run(?=[\s\\`])", re.IGNORECASE)
CARRIER_SET = re.compile(rf"(?:^|\s){CARRIER}\b", re.IGNORECASE)


def script(variables: Mapping[str, str]) -> str:
    """The argument's value. The carrier itself is unset first: it is the address of no proxy."""
    return "\n".join([f"unset {CARRIER}", *(f"export {key}={quoted(value)}" for key, value in variables.items())])


def beginning(fingerprint: str) -> str:
    """What a command begins with. The builder's cache does not see the argument, so it is shown its fingerprint."""
    return f'eval "${CARRIER}"; : {fingerprint}; '


def given(text: str, instructions: Iterable[Instruction], fingerprint: str) -> str:
    """A repository's own Dockerfile in which every RUN that is a shell command has the variables. Raises Refused."""
    lines = text.split("\n")
    for one in instructions:
        if one.keyword in ("ARG", "ENV") and CARRIER_SET.search(one.rest):
            raise one.refuse(f"{CARRIER} is what variables reach the build by: give it another name.")
        if one.keyword != "RUN" or _is_list(one.rest):
            continue
        line, found = RUN.subn(lambda run: f"{run[0]} {beginning(fingerprint)}", lines[one.line - 1], count=1)
        if not found:
            raise one.refuse("Write RUN in one piece, so that it can be given the variables of the build.")
        lines[one.line - 1] = line
    return "\n".join(lines)


def _is_list(rest: str) -> bool:
    """Written as JSON, which no shell reads. The builder looks at the first value only, whatever follows."""
    try:
        words, _ = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return False
    return isinstance(words, list) and all(isinstance(word, str) for word in words)
