"""Where in the commit a file is, and which one may have been meant."""

from __future__ import annotations

import posixpath

from releases.diagnosis.facts import Facts
from services.repository.refs import nearest

MAX_FOLDERS = 2


def inside(facts: Facts, path: str) -> str:
    """A path of the build, whose folder is the service's subfolder, as the commit has it."""
    return posixpath.normpath(posixpath.join(facts.settings.subfolder, path.removeprefix("/app/").removeprefix("./")))


def folders_with(facts: Facts, path: str) -> list[str]:
    """Other folders that hold the file, the uppermost first."""
    wanted = "/" + posixpath.normpath(path)
    found = {
        ("/" + file).removesuffix(wanted).lstrip("/") or "." for file in facts.files if f"/{file}".endswith(wanted)
    }
    others = found - {posixpath.normpath(facts.settings.subfolder)}
    return sorted(others, key=lambda folder: (folder != ".", folder.count("/"), folder))[:MAX_FOLDERS]


def near_files(facts: Facts, path: str) -> tuple[str, ...]:
    """Files of the service's folder with a similar name, relative to it; never the file itself."""
    start = "" if facts.settings.subfolder in (".", "") else facts.settings.subfolder + "/"
    below = [file.removeprefix(start) for file in facts.files if file.startswith(start)]
    stem, ending = posixpath.splitext(path)
    stems = {posixpath.splitext(file)[0]: file for file in below if file.endswith(ending) and file != path}
    return tuple(stems[near] for near in nearest(stem, stems))


def only_program(facts: Facts, ending: str) -> str:
    """The one file directly in the service's folder with this ending; empty when there are several or none."""
    start = "" if facts.settings.subfolder in (".", "") else facts.settings.subfolder + "/"
    below = [file.removeprefix(start) for file in facts.files if file.startswith(start)]
    found = [file for file in below if file.endswith(ending) and "/" not in file]
    return found[0] if len(found) == 1 else ""
