"""Proposals for a service's build settings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.repository.files import Files


@dataclass(frozen=True)
class Proposal:
    """A value for one field, as text, and one short sentence on where it comes from."""

    value: str
    reason: str


@dataclass(frozen=True)
class Detection:
    """None where nothing can be said. `language` is a key of the table, `version` one of its numbers, `port` digits."""

    language: Proposal | None = None
    version: Proposal | None = None
    build_command: Proposal | None = None
    start_command: Proposal | None = None
    port: Proposal | None = None
    dockerfile: Proposal | None = None


@dataclass(frozen=True)
class Commands:
    """What one language's rules found."""

    build: Proposal | None = None
    start: Proposal | None = None
    port: Proposal | None = None


PORT_IN_CODE = re.compile(
    r"""PORT["'\]\)]*\s*(?:,|\|\||\?\?|or)\s*["']?(\d{2,5})\b   # os.environ.get("PORT", 8000); process.env.PORT || 3000
      | \blisten\(\s*(\d{2,5})\b                                # server.listen(3000)
      | \bport\s*[=:]\s*(\d{2,5})\b                             # app.run(port=5000); const port = 3000
      | ["'](?:0\.0\.0\.0)?:(\d{4,5})["']                       # http.ListenAndServe(":8080", nil)
    """,
    re.VERBOSE,
)


def port_in(files: Files, path: str) -> Proposal | None:
    """The port that a source file names itself."""
    match = PORT_IN_CODE.search(files.text(path))
    number = int(next(group for group in match.groups() if group)) if match else 0
    return Proposal(str(number), f"{path} names this port.") if 0 < number < 65536 else None


def first(files: Files, *paths: str) -> str:
    """The first of the paths that exists, or empty."""
    return next((path for path in paths if files.has(path)), "")
