"""A commit's files as a tar stream, straight from git's object store: no work tree and no attribute of the repository
(export-ignore, export-subst, filters, line ends) can change what a build sees.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.repository.tree import LINK, PROGRAM, SUBMODULE, Entry, Tree

BLOCK = tarfile.BLOCKSIZE
PIECE = 262144
END: Final = b"\0" * (2 * BLOCK)


class Batch:
    """The output of `git cat-file --batch`, read object by object."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def object(self, sha: str) -> tuple[int, Iterator[bytes]]:
        """The next object's size and content, which must be read to its end. Raises EOFError, ValueError."""
        header = self._line().split()
        if len(header) != 3 or header[0] != sha.encode():
            raise ValueError("git gave another object than was asked for")
        return int(header[2]), self._content(int(header[2]))

    def _content(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self._some()
            self._rest = piece[size:]
            yield piece[:size]
            size -= min(size, len(piece))
        if self._line():
            raise ValueError("an object of git's is longer than git said")

    def _line(self) -> bytes:
        text = self._rest
        while b"\n" not in text:
            text += self._next()
        line, _, self._rest = text.partition(b"\n")
        return line

    def _some(self) -> bytes:
        return self._rest or self._next()

    def _next(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise EOFError("git's output ended early")

    def finish(self) -> None:
        """Reads to the end, where git's exit code is looked at."""
        for _ in self._pieces:
            raise ValueError("git gave more than was asked for")


def blobs(tree: Tree) -> list[Entry]:
    """The entries whose content an archive needs, in its order."""
    return [entry for entry in tree.entries if entry.mode != SUBMODULE]


def write(tree: Tree, batch: Batch, extra_files: Mapping[str, bytes], prefix: str, time: int) -> Iterator[bytes]:
    """Pieces of the tar: the tree below `prefix`, then `extra_files` as they are named. An extra file takes the place
    of the tree's of the same name. Owner, modes and times depend on the commit alone: equal input, equal archive.
    """
    return _gathered(_records(tree, batch, extra_files, prefix, time))


def _records(tree: Tree, batch: Batch, extra_files: Mapping[str, bytes], prefix: str, time: int) -> Iterator[bytes]:
    made: set[str] = set()
    for entry in tree.entries:
        name = prefix + entry.path
        content = batch.object(entry.sha) if entry.mode != SUBMODULE else (0, iter(()))
        if name in extra_files:
            _drain(content[1])
            continue
        yield from _folders(name, made, time)
        yield from _record(name, entry.mode, *content, time)
    for name, data in extra_files.items():
        yield from _folders(name, made, time)
        yield from _record(name, "", len(data), iter((data,)), time)
    batch.finish()
    yield END


def _record(name: str, mode: str, size: int, content: Iterator[bytes], time: int) -> Iterator[bytes]:
    if mode == LINK:
        target = b"".join(content).decode(errors="surrogateescape")
        yield _header(name, tarfile.SYMTYPE, 0o777, time, target=target)
    elif mode == SUBMODULE:
        yield _header(name, tarfile.DIRTYPE, 0o755, time)
    else:
        yield _header(name, tarfile.REGTYPE, 0o755 if mode == PROGRAM else 0o644, time, size)
        yield from content
        yield b"\0" * (-size % BLOCK)


def _header(name: str, kind: bytes, mode: int, time: int, size: int = 0, target: str = "") -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.mtime, info.size, info.linkname = kind, mode, time, size, target
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _folders(name: str, made: set[str], time: int) -> Iterator[bytes]:
    parts = name.split("/")[:-1]
    for count in range(1, len(parts) + 1):
        folder = "/".join(parts[:count])
        if folder not in made:
            made.add(folder)
            yield _header(folder, tarfile.DIRTYPE, 0o755, time)


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Small pieces made into larger ones: one write to the engine each."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _drain(content: Iterator[bytes]) -> None:
    for _ in content:
        pass
