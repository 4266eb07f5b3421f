"""Searches one image: its history, its settings, and the files of the layers that the build added.

Bounded in time and bytes. Compressed files are not opened.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from releases.canary.secret import Find, Secret
from releases.canary.stream import PIECE, Bounds, bounded, files, overlapping
from releases.engine.base import Cancel, Engine, ImageDescription, Labels, Rejected, Unavailable
from releases.logs.mask import Mask

SECONDS = 5.0
BYTES = 200 * 1024 * 1024
SHOWN = 100  # characters of an instruction that a message repeats
MAX_FINDS = 5
MARGIN = 4 * PIECE  # bytes: a file that begins before the place of a find is read in whole pieces
LENIENCE = 1.0  # seconds after the deadline in which the engine is cut off, should it send nothing


@dataclass(frozen=True)
class Searched:
    """`size` in bytes of the files looked at. `stopped` says, as a sentence, why not all were; empty otherwise."""

    finds: tuple[Find, ...]
    size: int = 0
    stopped: str = ""


@dataclass(frozen=True)
class Search:
    """`base` is how many of the image's layers were there before the build; `labels` are the release's."""

    engine: Engine
    image: str
    base: int
    secrets: Sequence[Secret]
    labels: Labels
    cancelled: Cancel
    seconds: float = SECONDS
    limit: int = BYTES

    def run(self) -> Searched:
        """Raises EngineError when the engine does not describe the image, and Cancelled."""
        description = self.engine.describe_image(self.image)
        if description is None:
            return Searched((), 0, "The image is gone, so it was not searched for secrets.")
        told = tuple(self._told(description))
        bounds = Bounds(time.monotonic() + self.seconds, self.limit)
        try:
            located = self._located(bounds, description) if self._present(bounds) else ()
        except (Rejected, Unavailable) as error:
            return Searched(told, bounds.size, f"The files of the image were not searched for secrets: {error}")
        return Searched((*told, *located), bounds.size, self._bound_text() if bounds.reached else "")

    def _told(self, description: ImageDescription) -> Iterator[Find]:
        """In what the image says of itself. Its settings come of its steps, so a secret of a step is told once."""
        found = set[str]()
        for step in description.history:
            names = self._names_in(step.text.encode())
            found.update(names)
            yield from (Find(name, self._shown(step.text)) for name in names)
        for name in self._names_in(description.configuration.encode()):
            if name not in found:
                yield Find(name, "")

    def _present(self, bounds: Bounds) -> bool:
        """Whether any secret is in the files: all of them at once, without telling them apart, for speed."""
        with contextlib.closing(self._read(bounds)) as stream:
            return any(self._names_in(piece) for piece in overlapping(stream, self._overlap))

    def _located(self, bounds: Bounds, description: ImageDescription) -> tuple[Find, ...]:
        """Read once more, file by file, and a little further."""
        again = Bounds(time.monotonic() + 2 * self.seconds, bounds.size + MARGIN)
        finds: dict[tuple[str, str], Find] = {}
        with contextlib.closing(self._read(again)) as stream:
            for path, content in files(stream):
                for piece in overlapping(content, self._overlap):
                    for name in self._names_in(piece):
                        finds.setdefault((name, path), self._in_file(name, path, description))
                if len(finds) >= MAX_FINDS:
                    break
        return tuple(finds.values())

    def _read(self, bounds: Bounds) -> Generator[bytes, None, None]:
        left = max(0.0, bounds.deadline - time.monotonic()) + LENIENCE
        stream = self.engine.read_layers(self.image, self.base, self.labels, self.cancelled, left)
        with contextlib.closing(stream):
            yield from bounded(stream, bounds)

    def _in_file(self, name: str, path: str, description: ImageDescription) -> Find:
        folder, _, inner = path.partition("/")
        layer = int(folder)
        return Find(name, self._instruction_of(layer, description), self._masked(inner), layer)

    def _instruction_of(self, layer: int, description: ImageDescription) -> str:
        """The first step after which the image had that layer."""
        for step in description.history:
            then = self.engine.describe_image(step.image) if step.image else None
            if then is not None and len(then.layers) > layer:
                return self._shown(step.text)
        return ""

    def _names_in(self, data: bytes) -> list[str]:
        return [secret.name for secret in self.secrets if any(form in data for form in secret.forms)]

    @property
    def _overlap(self) -> int:
        return max(len(form) for secret in self.secrets for form in secret.forms) - 1

    def _masked(self, text: str) -> str:
        return Mask(secret.value for secret in self.secrets).apply(text)

    def _shown(self, text: str) -> str:
        line = self._masked(" ".join(text.split()))
        return line if len(line) <= SHOWN else line[:SHOWN] + "…"

    def _bound_text(self) -> str:
        bound = f"{self.seconds:g} seconds or {self.limit // 1024**2} MiB"
        return f"The search for secrets ended at its bound of {bound}: not every file was looked at."
