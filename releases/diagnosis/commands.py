"""Commands of the settings: what one names, and how a wrong word in it is replaced."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

KNOWN = (
    "npm", "npx", "node", "yarn", "pnpm", "bun", "pip", "pip3", "python", "python3", "poetry", "pipenv", "uv", "flask",
    "gunicorn", "uvicorn", "hypercorn", "daphne", "celery", "bundle", "ruby", "rake", "rails", "php", "composer", "go",
    "cargo", "java", "mvn", "gradle", "mix", "make", "sh", "bash",
)  # fmt: skip
ALIKE = 0.6  # as difflib proposes for close matches
LOCAL = re.compile(r"\b(?:127\.0\.0\.1|localhost)\b")
ALL = "0.0.0.0"  # noqa: S104
UNIX = re.compile(r"\bunix:[\w./-]+")
# Programs that listen on localhost unless told otherwise, and the words that tell them.
SERVERS = (
    (re.compile(r"\bflask\b.*\brun\b"), "--host", f" --host {ALL} --port $PORT"),
    (re.compile(r"\buvicorn\s"), "--host", f" --host {ALL} --port $PORT"),
    (re.compile(r"\bhypercorn\s"), "--bind", f" --bind {ALL}:$PORT"),
    (re.compile(r"\bmanage\.py runserver(?:\s+--\S+)*\s*$"), ALL, f" {ALL}:$PORT"),
)


def nearest_command(name: str) -> str:
    """The known program of the most similar name, of equals the first; empty when none is, or the name is known."""
    near = "" if name in KNOWN else max(KNOWN, key=lambda known: _likeness(name, known))
    return near if _likeness(name, near) >= ALIKE else ""


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def with_word(command: str, old: str, new: str) -> str:
    """The command with one word replaced wherever it stands alone."""
    return re.sub(rf"(?<![\w./-]){re.escape(old)}(?![\w./-])", lambda _: new, command)


def for_everyone(command: str) -> str:
    """The start command, changed so that its server is reached from outside; the same where that cannot be told."""
    if LOCAL.search(command):
        return LOCAL.sub(ALL, command)
    for server, told, words in SERVERS:
        if server.search(command) and told not in command:
            return _without_port(command) + words if "$PORT" in words else command + words
    return command


def _without_port(command: str) -> str:
    return re.sub(r"\s+(?:--port|-p)[ =]\S+", "", command).rstrip()
