"""The ways in which programs write a value: as it is, and encoded."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

SHORTEST_BASE64 = 7  # letters of a part that its neighbours do not change; shorter ones stand in any text
WRAPPED_AT = (64, 76)  # columns at which openssl and coreutils break base64 output
PERCENT = re.compile(r"%[0-9A-F]{2}")


def written(value: str) -> Iterator[str]:
    """The value itself first; the same form may come more than once."""
    yield value
    for form in _quoted(value):
        yield form
        yield PERCENT.sub(lambda code: code[0].lower(), form)  # as .NET and Java libraries write it
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield from _base64(value)


def _quoted(value: str) -> Iterator[str]:
    yield quote(value)
    yield quote(value, safe="")
    yield quote(value, safe="!'()*~")  # as encodeURIComponent in JavaScript
    yield quote_plus(value)


def _base64(value: str) -> Iterator[str]:
    """Also as a part of something longer (`user:value`): only the letters that its neighbours do not change."""
    data = value.encode(errors="replace")
    for shift in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            letters = encode(b"\0" * shift + data).decode()
            own = letters[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6]
            if len(own) >= SHORTEST_BASE64:
                yield own
                yield from _wrapped(own) if shift == 0 else ()


def _wrapped(letters: str) -> Iterator[str]:
    for width in WRAPPED_AT:
        yield from (letters[at : at + width] for at in range(0, len(letters), width) if len(letters) > width)
