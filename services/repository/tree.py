"""The files of one commit, by name, mode and size. Nothing is ever checked out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.repository.errors import Cause, RepositoryError
from services.repository.ignore import IgnoreFile
from services.repository.refs import did_you_mean, nearest

DIRECTORY, FILE, PROGRAM, LINK, SUBMODULE = "040000", "100644", "100755", "120000", "160000"
MAX_MATCHES = 20_000_000  # file names times patterns of a .dockerignore: about 20 s of work


@dataclass(frozen=True)
class Entry:
    """`path` is relative to the tree's subfolder; a name's bytes that are not UTF-8 are surrogates. `size` in bytes."""

    path: str
    mode: str
    sha: str
    size: int

    @property
    def is_file(self) -> bool:
        return self.mode in (FILE, PROGRAM)


@dataclass(frozen=True)
class Tree:
    """What is below `subfolder` (empty for the root) in a commit, without the directories themselves."""

    commit: str
    subfolder: str
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries)

    def find(self, path: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.path == path), None)

    def regular(self, path: str, field: str) -> Entry:
        """The file of this path. Raises RepositoryError for a link, a directory and what is not there."""
        entry = self.find(path)
        if entry is not None and entry.is_file:
            return entry
        if entry is not None:
            raise RepositoryError(f"“{path}” is a link, not a file. Name the file itself.", field)
        if any(other.path.startswith(path + "/") for other in self.entries):
            raise RepositoryError(f"“{path}” is a folder, not a file.", field)
        near = nearest(path, (other.path for other in self.entries if other.is_file))
        message = f"There is no file “{path}” in the repository.{did_you_mean(near)}"
        raise RepositoryError(message, field, Cause.NOT_FOUND, near=near)

    def without(self, ignored: IgnoreFile, keep: frozenset[str] = frozenset()) -> Tree:
        """The tree without what is ignored; names in `keep` stay."""
        if len(self.entries) * len(ignored) > MAX_MATCHES:
            raise RepositoryError(
                "The .dockerignore file has too many lines for a repository of this size.", "subfolder"
            )
        kept = (entry for entry in self.entries if entry.path in keep or not ignored.matches(entry.path))
        return replace(self, entries=tuple(kept))


def parse(listing: bytes) -> Iterator[Entry]:
    """Entries of `git ls-tree -r -t -z -l`, directories among them."""
    for record in listing.split(b"\0"):
        if record:
            facts, _, name = record.partition(b"\t")
            mode, _, sha, size = facts.decode().split()
            yield Entry(name.decode(errors="surrogateescape"), mode, sha, int(size) if size.isdigit() else 0)


def below(entries: list[Entry], subfolder: str) -> tuple[Entry, ...]:
    """The entries below a folder, named relative to it. Raises RepositoryError when it is not a folder."""
    start = f"{subfolder}/" if subfolder else ""
    if subfolder:
        _check_folder(entries, subfolder)
    kept = (entry for entry in entries if entry.path.startswith(start) and entry.mode != DIRECTORY)
    return tuple(replace(entry, path=entry.path.removeprefix(start)) for entry in kept)


def warnings(tree: Tree) -> tuple[str, ...]:
    """What of the tree will be missing in a build."""
    names = [entry.path for entry in tree.entries if entry.mode == SUBMODULE]
    if not names:
        return ()
    return (f"Submodules are not fetched; these folders are empty in the build: {', '.join(names[:5])}.",)


def _check_folder(entries: list[Entry], subfolder: str) -> None:
    mode = next((entry.mode for entry in entries if entry.path == subfolder), None)
    if mode == DIRECTORY:
        return
    if mode == SUBMODULE:
        raise RepositoryError(f"“{subfolder}” is a submodule, and submodules are not fetched.", "subfolder")
    if mode is not None:
        raise RepositoryError(f"“{subfolder}” is not a folder.", "subfolder")
    near = nearest(subfolder, (entry.path for entry in entries if entry.mode == DIRECTORY))
    message = f"There is no folder “{subfolder}” in the repository.{did_you_mean(near)}"
    raise RepositoryError(message, "subfolder", Cause.NOT_FOUND, near=near)
