"""Instructions of a Dockerfile, written so that no value in them is read as anything but itself."""

from __future__ import annotations

import json
from collections.abc import Sequence


def run(command: str) -> str:
    """Ends at the first failing line. As JSON, in which the builder expands nothing and finds no here-document."""
    return f"RUN {_json(['sh', '-ec', command])}"


def copy(sources: Sequence[str], target: str, options: str = "") -> str:
    return f"COPY {options}{_json([*sources, target])}"


def command(*words: str) -> str:
    return f"CMD {_json(words)}"


def environment(name: str, value: str) -> str:
    """For plain values only: letters, digits, `.`, `_` and `-`."""
    return f"ENV {name}={value}"


def label(name: str, value: str) -> str:
    """For plain values only, like `environment`."""
    return f"LABEL {name}={value}"


def _json(words: Sequence[str]) -> str:
    return json.dumps(list(words)).replace("<", "\\u003c")
