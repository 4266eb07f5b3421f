"""Reading a bare repository's objects: commits, lists of files, contents."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

from services.repository import archive, commit, git, tree
from services.repository.commit import Commit
from services.repository.errors import Cause, RepositoryError
from services.repository.tree import Entry, Tree

LISTING_BYTES = 64 * 1024 * 1024
HEADER_BYTES = 200  # more than `cat-file --batch` writes before an object


class Objects:
    """Raises RepositoryError for everything that cannot be read. The caller holds the repository's lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def known(self, sha: str) -> Commit | None:
        """None for a commit that is not here."""
        try:
            return commit.parse(git.run(_log(f"{sha}^{{commit}}"), directory=self.path))
        except git.GitFailed:
            return None

    def commit(self, name: str) -> Commit:
        return commit.parse(self._read(_log(name), 1024 * 1024))

    def listing(self, sha: str) -> list[Entry]:
        """All entries of a commit, directories among them."""
        return list(tree.parse(self._read(["ls-tree", "-r", "-t", "-z", "-l", "--full-tree", sha], LISTING_BYTES)))

    def blobs(self, names: list[str]) -> dict[str, bytes]:
        """The content of small objects, all of them in memory."""
        batch = archive.Batch(self._cat(names, LISTING_BYTES, 30.0, lambda: False))
        try:
            found = {sha: b"".join(batch.object(sha)[1]) for sha in names}
            batch.finish()
        except (git.GitFailed, git.TimedOut, git.TooMuch, ValueError, EOFError):
            raise unreadable() from None
        return found

    def archive(
        self, tree: Tree, extra_files: Mapping[str, bytes], prefix: str, seconds: float, cancelled: git.Cancel
    ) -> Iterator[bytes]:
        """Raises Cancelled too. git's exit code has been looked at when the last piece is out."""
        time = int(self.commit(tree.commit).time.timestamp())
        names = [entry.sha for entry in archive.blobs(tree)]
        pieces = self._cat(names, tree.size + HEADER_BYTES * len(names), seconds, cancelled)
        try:
            yield from archive.write(tree, archive.Batch(pieces), extra_files, prefix, time)
        except (git.GitFailed, git.TimedOut, git.TooMuch, ValueError, EOFError):
            raise unreadable() from None
        finally:
            pieces.close()

    def _read(self, arguments: list[str], limit: int) -> bytes:
        try:
            return git.run(arguments, directory=self.path, bounds=git.Bounds(output=limit))
        except git.TooMuch:
            raise RepositoryError("The repository has too many files.", cause=Cause.TOO_LARGE) from None
        except (git.GitFailed, git.TimedOut):
            raise unreadable() from None

    def _cat(
        self, names: list[str], output: int, seconds: float, cancelled: git.Cancel
    ) -> Generator[bytes, None, None]:
        return git.stream(
            ["cat-file", "--batch", "--buffer"],
            directory=self.path,
            bounds=git.Bounds(seconds=seconds, output=output),
            cancelled=cancelled,
            stdin="".join(f"{name}\n" for name in names).encode(),
        )


def _log(name: str) -> list[str]:
    return ["log", "-1", "--no-show-signature", f"--format={commit.FORMAT}", name, "--"]


def unreadable() -> RepositoryError:
    return RepositoryError(
        "The stored copy of the repository could not be read. Deploy again.", cause=Cause.OTHER, retryable=True
    )
