"""The messages of a log socket. JSON text frames; numbers count lines from 1."""

from __future__ import annotations

import json
from typing import Literal, TypedDict


class Hello(TypedDict):
    """The first message: the first line that will come, the last one there is, and the release's status."""

    t: Literal["hello"]
    first: int
    last: int
    state: str


class Chunk(TypedDict):
    """`n` lines from number `f` on; `b` has a row per line: time in ms, source and text with tabs between."""

    t: Literal["c"]
    f: int
    n: int
    b: str


class ProgressLine(TypedDict):
    """The line a source is still redrawing. It has no number; the source's next line or progress replaces it."""

    t: Literal["p"]
    s: str
    b: str


class Gap(TypedDict):
    """Lines `f` to `to` are lost for good: their producer died before they were stored."""

    t: Literal["gap"]
    f: int
    to: int


class End(TypedDict):
    """No line comes after `last`; the release's final status."""

    t: Literal["end"]
    last: int
    state: str


class Heartbeat(TypedDict):
    t: Literal["hb"]


class Ack(TypedDict):
    """From the browser: lines up to `s` have arrived."""

    t: Literal["ack"]
    s: int


Message = Hello | ProgressLine | Gap | End | Heartbeat


def encode(message: Message) -> str:
    return json.dumps(message, ensure_ascii=False)
