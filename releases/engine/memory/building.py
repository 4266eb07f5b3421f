"""The memory engine's builds: the context is read like a real one's, the steps come from the behaviour."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from releases.engine.base import BuildFailed, BuildRequest, Cancel, Cancelled, Emit, Output, Stream
from releases.engine.memory.behaviour import Behaviour

PAUSE = 0.01
MAX_FILE = 1024 * 1024  # bytes that are kept of one


@dataclass(frozen=True)
class Built:
    """The digest follows from the context, whose files are those of the image."""

    digest: str
    files: Mapping[str, bytes]


def build(request: BuildRequest, behaviour: Behaviour, emit: Emit, cancelled: Cancel) -> Built:
    """Raises BuildFailed, Cancelled."""
    built = _read_context(request)
    for line in behaviour.build_lines:
        _check(cancelled)
        stream = Stream.SYSTEM if line.startswith("Step ") else Stream.STDOUT
        emit(Output(stream, f"{line}\n".encode(), time.time()))
    _work(request, behaviour, cancelled)
    if code := behaviour.build_exit_code:
        text = f"The command returned a non-zero code: {code}"
        raise BuildFailed(text, exit_code=code, instruction=behaviour.instruction)
    return built


def packed(files: Mapping[str, bytes]) -> bytes:
    """As a tar stream."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def digest_of(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def _work(request: BuildRequest, behaviour: Behaviour, cancelled: Cancel) -> None:
    begun = time.monotonic()
    _check(cancelled)
    while (elapsed := time.monotonic() - begun) < behaviour.build_seconds:
        if elapsed > request.seconds:
            text = f"The build was stopped: it took longer than its limit of {request.seconds:g} seconds."
            raise BuildFailed(text, instruction=behaviour.instruction)
        time.sleep(PAUSE)
        _check(cancelled)


def _check(cancelled: Cancel) -> None:
    if cancelled():
        raise Cancelled("The build was cancelled.")


def _read_context(request: BuildRequest) -> Built:
    pieces = _Pieces(request.context())
    with io.BufferedReader(pieces) as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as tar:
                files = {member.name.removeprefix("./"): _kept(tar, member) for member in tar}
        except tarfile.TarError as error:
            raise BuildFailed(f"The build context cannot be read: {error}") from error
        while stream.read(64 * 1024):
            pass
    if request.dockerfile.removeprefix("./") not in files:
        raise BuildFailed(f"Cannot locate specified Dockerfile: {request.dockerfile}")
    return Built(pieces.digest, files)


def _kept(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    content = tar.extractfile(member) if member.isfile() else None
    return content.read(MAX_FILE) if content else b""


class _Pieces(io.RawIOBase):
    """A file of the pieces that an iterator yields; remembers their digest."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next((piece for piece in self._pieces if piece), b"")
            self._hash.update(self._rest)
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        close: Callable[[], None] | None = getattr(self._pieces, "close", None)
        if close:
            close()
        super().close()
