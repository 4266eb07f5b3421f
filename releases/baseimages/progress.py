"""Turns the output of package tools, hundreds of lines, into a line every few seconds and a tail for when they fail."""

from __future__ import annotations

import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

from releases.engine.base import Emit, Output, Stream

SECONDS = 3.0
QUIET = 3  # times `SECONDS` without a new line, after which it is said that the work goes on
TAIL = 15
LONGEST = 200


def say(emit: Emit, text: str) -> None:
    """One line of the platform's own."""
    emit(Output(Stream.SYSTEM, f"{text}\n".encode(), time.time()))


class Progress:
    """Takes output in pieces; a thread of its own tells the newest line every `seconds`, as "<subject>: <line>"."""

    def __init__(self, subject: str, emit: Emit, seconds: float = SECONDS) -> None:
        self._subject = subject
        self._emit = emit
        self._seconds = seconds
        self._rest = b""
        self._newest = ""
        self._last: deque[str] = deque(maxlen=TAIL)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="base-image-progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def tail(self) -> str:
        """The last lines, for an error message."""
        return "\n".join(self._last)

    def feed(self, data: bytes) -> None:
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-LONGEST * 4 :]
        texts = [line.decode(errors="replace").strip()[:LONGEST] for line in lines]
        self._last.extend(filter(None, texts))
        self._newest = next(filter(None, reversed(texts)), self._newest)

    def output(self, output: Output) -> None:
        """As the `emit` of an engine call: the engine's own lines (build steps) are not worth showing."""
        if output.stream is not Stream.SYSTEM:
            self.feed(output.data)

    def _tell(self) -> None:
        started = time.monotonic()
        quiet = 0
        while not self._over.wait(self._seconds):
            line, self._newest = self._newest, ""
            quiet = 0 if line else quiet + 1
            if line:
                say(self._emit, f"{self._subject}: {line}")
            elif quiet % QUIET == 0:
                say(self._emit, f"{self._subject}: still working, for {time.monotonic() - started:.0f} s now.")
