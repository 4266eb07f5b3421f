"""Says what is being done: a moving line on a terminal, plain lines in a log."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

SHORT = 1.0  # seconds; a step that is over sooner leaves no line
REMIND = 60.0  # seconds between the lines of a long step in a log
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Step:
    """One thing being done. `heard` takes a line of its command's output, to be shown beside it."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.began = time.monotonic()
        self.said = 0.0  # when a log last heard of it, in seconds since it began
        self.detail = ""

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def heard(self, line: str) -> None:
        self.detail = "".join(character for character in line.strip() if character.isprintable())


class Progress:
    """Shows any number of steps at once; may be used from several threads."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.terminal = self.stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self.steps: list[Step] = []
        self.guard = threading.Lock()
        self.frame = 0
        self.ticking = False

    @contextmanager
    def step(self, what: str) -> Iterator[Step]:
        """Show `what` while the block runs, and how long it took when that was more than a second."""
        step = Step(what)
        self._begin(step)
        try:
            yield step
        except BaseException:
            self._end(step, "✗" if self.terminal else "failed:")
            raise
        self._end(step, "✓" if self.terminal else "done:")

    def say(self, text: str = "") -> None:
        with self.guard:
            self._print(text)

    def _begin(self, step: Step) -> None:
        with self.guard:
            self.steps.append(step)
            if not self.ticking:
                self.ticking = True
                threading.Thread(target=self._tick, daemon=True).start()

    def _end(self, step: Step, word: str) -> None:
        with self.guard:
            self.steps.remove(step)
            if step.seconds >= SHORT or word in ("✗", "failed:"):
                self._print(f"{word} {step.what} ({step.seconds:.1f} s)")
            elif self.terminal:
                self._erase()

    def _tick(self) -> None:
        while True:
            time.sleep(0.1)
            with self.guard:
                if not self.steps:
                    self.ticking = False
                    return
                if self.terminal:
                    self._draw()
                else:
                    self._log()

    def _draw(self) -> None:
        self.frame = (self.frame + 1) % len(SPINNER)
        text = ", ".join(f"{step.what} ({step.seconds:.0f} s)" for step in self.steps)
        if len(self.steps) == 1 and self.steps[0].detail:
            text += f": {self.steps[0].detail}"
        width = shutil.get_terminal_size().columns - 1
        self.stream.write(f"\r\x1b[K{SPINNER[self.frame]} {text}"[: width + 4])
        self.stream.flush()

    def _log(self) -> None:
        for step in self.steps:
            if step.said == 0.0 and step.seconds >= SHORT:
                self._print(f"{step.what} ...")
                step.said = step.seconds
            elif step.said and step.seconds - step.said >= REMIND:
                self._print(f"{step.what}: {step.seconds:.0f} s so far")
                step.said = step.seconds

    def _erase(self) -> None:
        self.stream.write("\r\x1b[K")
        self.stream.flush()

    def _print(self, text: str) -> None:
        self.stream.write(("\r\x1b[K" if self.terminal else "") + text + "\n")
        self.stream.flush()
