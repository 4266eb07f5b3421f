"""Reads the engine's streams of JSON lines: builds and pulls."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from releases.engine.base import Output, Stream, Unavailable

MAX_LINE = 4 * 1024 * 1024  # an event carries at most 32 KiB of output, six times that when escaped

_STEP = re.compile(r"Step \d+/\d+ : (.*)", re.DOTALL)
_CONTAINER = re.compile(r" ---> Running in ([0-9a-f]{12,64})\n?")
_IMAGE = re.compile(r" ---> ([0-9a-f]{12,64})\n?")
_OTHER = re.compile(r" ---> |Removing intermediate container [0-9a-f]+\n?|Successfully (built|tagged) |\[Warning\] ")
_STDERR = re.compile("\x1b\\[91m(.*)\x1b\\[0m", re.DOTALL)


def json_lines(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """One dictionary per line. Raises Unavailable for what is not JSON."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (_decoded(line) for line in lines if line.strip())
        if len(rest) > MAX_LINE:
            raise Unavailable("The Docker engine sent an event that is too long to be one.")
    if rest.strip():
        yield _decoded(rest)


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise Unavailable("The Docker engine sent an event that cannot be read.") from error
    return event


@dataclass
class BuildProgress:
    """What a build's events have told so far. User output can imitate the builder's lines: ids are claims."""

    instruction: str = ""
    container: str = ""  # announced by the latest event
    image: str = ""
    result: str = ""
    error: str = ""
    exit_code: int | None = None
    _step_open: bool = False

    def take(self, event: dict[str, Any]) -> Output | None:
        """Learn from one event; returns what of it is output."""
        self.container = ""
        if "error" in event:
            self.error = str(event["error"])
            self.exit_code = (event.get("errorDetail") or {}).get("code")
        self.result = str((event.get("aux") or {}).get("ID") or self.result)
        text = str(event.get("stream") or event.get("status") or "")
        return self._output(text) if text else None

    def _output(self, text: str) -> Output | None:
        if text == "\n" and self._step_open:
            self._step_open = False
            return None
        stream = Stream.SYSTEM if self._recognise(text) else Stream.STDOUT
        if stream is Stream.STDOUT and (wrapped := _STDERR.fullmatch(text)):
            stream, text = Stream.STDERR, wrapped[1]
        if self._step_open:
            text += "\n"  # the builder ends a step's line in an event of its own, which is then left out
        return Output(stream, text.encode(errors="replace"), time.time())

    def _recognise(self, text: str) -> bool:
        step = _STEP.fullmatch(text)
        self._step_open = bool(step) and not text.endswith("\n")
        if step:
            self.instruction = step[1].strip()
        elif found := _CONTAINER.fullmatch(text):
            self.container = found[1]
        elif found := _IMAGE.fullmatch(text):
            self.image = found[1]
        else:
            return bool(_OTHER.match(text))
        return True


def pull_line(event: dict[str, Any], seen: set[tuple[str, str]]) -> Output | None:
    """A line for each new state of a layer; the many events of a progress bar make none."""
    key = (str(event.get("id") or ""), str(event.get("status") or ""))
    if not key[1] or key in seen:
        return None
    seen.add(key)
    return Output(Stream.SYSTEM, (": ".join(filter(None, key)) + "\n").encode(errors="replace"), time.time())
