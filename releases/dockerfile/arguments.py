"""The values that ARG gives to the names in FROM."""

from __future__ import annotations

import re
from collections.abc import Mapping

VALUE = r"\"(?P<double>[^\"\\`]*)\"|'(?P<single>[^'\\`$]*)'|(?P<bare>[^\s\"'\\`]*)"
DEFINITION = re.compile(rf"(?P<name>[A-Za-z_]\w*)(?:=(?:{VALUE}))?(?:\s+|$)", re.ASCII)
NAME = r"[A-Za-z_]\w*"
USE = re.compile(
    rf"\$(?:(?P<plain>{NAME})|\{{(?P<name>{NAME})(?:(?P<operator>:[-+])(?P<word>[^${{}}]*))?\}})", re.ASCII
)
UNCLEAR = re.compile(r"[$\"'\\`\s]")


class Unclear(Exception):
    """What the text stands for cannot be told. The text is the end of a sentence."""


def expand(text: str, values: Mapping[str, str | None]) -> str:
    """`$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+text}` replaced. Raises Unclear for anything beyond that."""
    expanded = USE.sub(lambda use: _value(use, values), text)
    if UNCLEAR.search(expanded):
        raise Unclear("is not written plainly")
    return expanded


def _value(use: re.Match[str], values: Mapping[str, str | None]) -> str:
    name = use["plain"] or use["name"]
    value = values.get(name)
    if name in values and value is None:
        raise Unclear(f"uses {name}, whose value is not plain")
    if use["operator"] == ":-":
        return value or use["word"]
    if use["operator"] == ":+":
        return use["word"] if value else ""
    if not value:
        raise Unclear(f"uses {name}, which has no value. Give it one before the first FROM: ARG {name}=...")
    return value


def define(rest: str, values: dict[str, str | None], build_args: Mapping[str, str]) -> None:
    """Note what an ARG before the first FROM defines; None is a value that cannot be told. Raises Unclear."""
    position = 0
    while position < len(rest):
        found = DEFINITION.match(rest, position)
        if not found or found.end() == position:
            raise Unclear("is not written plainly: ARG NAME=value")
        name = found["name"]
        values[name] = build_args[name] if name in build_args else _default(found, values)
        position = found.end()


def _default(found: re.Match[str], values: Mapping[str, str | None]) -> str | None:
    try:
        return expand(found["double"] or found["single"] or found["bare"] or "", values)
    except Unclear:
        return None
