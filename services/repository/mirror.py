"""A service's copy of its repository: bare, shallow, and never worth keeping when something about it is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from services.repository import git, lfs, remote
from services.repository import tree as trees
from services.repository.address import Address, Policy
from services.repository.commit import Commit
from services.repository.credentials import Credentials, connection
from services.repository.errors import Cause, RepositoryError
from services.repository.failures import explain
from services.repository.files import Files, telling
from services.repository.ignore import IgnoreFile
from services.repository.lock import ALONE, TOGETHER, locked
from services.repository.objects import Objects
from services.repository.paths import inside
from services.repository.refs import check_branch, check_sha, missing_branch
from services.repository.tree import Entry, Tree

REFERENCE = "refs/kintohub/current"
FETCH = (
    "fetch", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance",
    "--force", "--quiet", "--",
)  # fmt: skip
# What git says when its own files are broken, or were left half written by a kill.
DAMAGED = (
    "fatal: not a git repository", "corrupt", "object file", "bad object", "File exists", "packfile",
    "invalid sha1 pointer", "unresolved deltas", "bad shallow", "shallow file", "bad tree object", "missing tree",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Bytes of one transfer, bytes and number of files of one commit, bytes that the copy may grow to on disk."""

    transfer: int = 1024 * 1024 * 1024
    files: int = 1024 * 1024 * 1024
    entries: int = 100_000
    disk: int = 3 * 1024 * 1024 * 1024


class Mirror:
    """One directory. Safe to use from several processes: a fetch is alone, readings are together."""

    def __init__(self, path: Path, limits: Limits | None = None) -> None:
        self.path = path
        self.limits = limits or Limits()
        self._lock_file = path.with_name(path.name + ".lock")
        self._objects = Objects(path)

    def known(self, sha: str) -> Commit | None:
        """The commit, when it was fetched already; nobody is asked."""
        return self._objects.known(check_sha(sha))

    def fetch(
        self,
        address: Address,
        credentials: Credentials,
        policy: Policy,
        branch: str,
        sha: str = "",
        *,
        seconds: float = 120.0,
        cancelled: git.Cancel = lambda: False,
    ) -> Commit:
        """The newest commit of the branch, or the one of this id, with its files. Raises RepositoryError, Cancelled."""
        source = check_sha(sha) if sha else f"refs/heads/{check_branch(branch)}"
        with locked(self._lock_file, ALONE, cancelled):
            if sha and (known := self._objects.known(sha)):
                return known
            try:
                with connection(address, credentials, policy) as environment:
                    arguments = [*FETCH, address.url, f"+{source}:{REFERENCE}"]
                    self._fetch(arguments, environment, seconds, cancelled)
            except (git.GitFailed, git.TimedOut, git.TooMuch) as ended:
                error = explain(ended, address, credentials)
                missing = error.cause is Cause.BRANCH and not sha
                raise (_no_branch(address, credentials, policy, branch) if missing else error) from None
            return self._objects.commit(REFERENCE)

    def tree(self, sha: str, subfolder: str = "") -> Tree:
        """The files below a folder of a fetched commit, and warnings about them. Raises RepositoryError."""
        folder = inside(subfolder, "subfolder")
        with locked(self._lock_file, TOGETHER):
            entries = trees.below(self._objects.listing(check_sha(sha)), folder)
            self._check_size(entries)
            tree = Tree(sha, folder, entries)
            return replace(tree, warnings=(*trees.warnings(tree), *lfs.warnings(tree, self._objects.blobs)))

    def context(self, tree: Tree, implicit: Sequence[str] = (), keep: Sequence[str] = ()) -> Tree:
        """What a build is given of the tree: `.dockerignore` applied after the `implicit` patterns. Files named in
        `keep` (the Dockerfile) stay in any case.
        """
        own = tree.find(".dockerignore")
        text = self.read(tree, ".dockerignore").decode(errors="replace") if own and own.is_file else ""
        return tree.without(IgnoreFile.of(text, implicit), frozenset({".dockerignore", *keep}))

    def read(self, tree: Tree, path: str, limit: int = 1024 * 1024, field: str = "subfolder") -> bytes:
        """A regular file's content. Raises RepositoryError when it is not one, or is longer than `limit` bytes."""
        entry = tree.regular(inside(path, field), field)
        if entry.size > limit:
            raise RepositoryError(f"“{path}” is too large: at most {limit // 1024} KiB.", field, Cause.TOO_LARGE)
        with locked(self._lock_file, TOGETHER):
            return self._objects.blobs([entry.sha])[entry.sha]

    def files(self, tree: Tree) -> Files:
        """The names of all files and the text of those that say what the application is."""
        wanted = telling(tree)
        with locked(self._lock_file, TOGETHER):
            found = self._objects.blobs([entry.sha for entry in wanted])
        texts = {entry.path: found[entry.sha].decode(errors="replace") for entry in wanted}
        return Files(frozenset(entry.path for entry in tree.entries if entry.is_file), texts)

    def archive(
        self,
        tree: Tree,
        extra_files: Mapping[str, bytes] | None = None,
        prefix: str = "",
        *,
        seconds: float = 600.0,
        cancelled: git.Cancel = lambda: False,
    ) -> Iterator[bytes]:
        """The tree as a tar stream, below `prefix` (`app/`), and `extra_files` as they are named, not below it.

        Raises RepositoryError when the stream cannot be completed, and Cancelled; what came before is worthless.
        """
        with locked(self._lock_file, TOGETHER, cancelled):
            yield from self._objects.archive(tree, extra_files or {}, prefix, seconds, cancelled)

    def discard(self) -> None:
        """Remove the copy from disk. The next fetch makes a new one."""
        with locked(self._lock_file, ALONE):
            shutil.rmtree(self.path, ignore_errors=True)

    def shrink(self) -> None:
        """Remove a copy that has grown beyond its limit. For whoever alone reads from it."""
        with locked(self._lock_file, ALONE):
            self._shrink()

    def _fetch(
        self, arguments: list[str], environment: Mapping[str, str], seconds: float, cancelled: git.Cancel
    ) -> None:
        bounds = git.Bounds(seconds=seconds, file_bytes=self.limits.transfer)
        for attempt in (1, 2):
            self._prepare()
            try:
                git.run(arguments, directory=self.path, environment=environment, bounds=bounds, cancelled=cancelled)
                return
            except git.GitFailed as failed:
                if attempt == 2 or not any(text in failed.text for text in DAMAGED):
                    raise
                shutil.rmtree(self.path, ignore_errors=True)
            finally:
                self._sweep()

    def _shrink(self) -> None:
        if self.path.exists() and _disk_use(self.path) > self.limits.disk:
            shutil.rmtree(self.path)

    def _prepare(self) -> None:
        self._shrink()
        if not (self.path / "HEAD").is_file():
            shutil.rmtree(self.path, ignore_errors=True)
            git.run(["init", "--bare", "--quiet", "--template=", "--", str(self.path)])

    def _sweep(self) -> None:
        """What an ended transfer left: git gives its half written packs names of their own."""
        for left in (*self.path.glob("objects/pack/tmp_*"), *self.path.glob("objects/*/tmp_obj_*")):
            left.unlink(missing_ok=True)

    def _check_size(self, entries: Sequence[Entry]) -> None:
        limit = self.limits
        if len(entries) > limit.entries:
            raise RepositoryError(f"The commit has too many files: at most {limit.entries}.", cause=Cause.TOO_LARGE)
        if sum(entry.size for entry in entries) > limit.files:
            most = limit.files // 1024**2
            raise RepositoryError(f"The files of the commit are too large: at most {most} MiB.", cause=Cause.TOO_LARGE)


def _no_branch(address: Address, credentials: Credentials, policy: Policy, branch: str) -> RepositoryError:
    try:
        heads = remote.branches(address, credentials, policy)
    except RepositoryError as error:
        return error
    return missing_branch(branch, heads.branches, heads.default_branch)


def _disk_use(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
