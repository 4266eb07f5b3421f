"""What images of the memory engine do when they are built and started."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from releases.engine.base import Listener


@dataclass(frozen=True)
class Behaviour:
    """`build_seconds` is how long a build takes after its lines; without `exit_code` instances go on running.

    An instance that does not listen refuses connections; one that does answers a path with `status` and `body`.
    `listeners` is what can be seen to listen inside, where that differs from the port in the variable PORT.
    `triggers` are the instructions that the image adds to builds which start from it.
    """

    build_lines: tuple[str, ...] = ("Step 1/1 : FROM scratch",)
    build_exit_code: int = 0
    build_seconds: float = 0.0
    triggers: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    exit_code: int | None = None
    out_of_memory: bool = False
    listens: bool = True
    status: int = 200
    body: str = ""
    listeners: tuple[Listener, ...] | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """The instructions that the build's lines tell of."""
        return tuple(line.partition(" : ")[2] for line in self.build_lines if line.startswith("Step "))

    @property
    def instruction(self) -> str:
        """Of the last step."""
        return self.steps[-1] if self.steps else ""


@dataclass
class Behaviours:
    _rules: list[tuple[str, Behaviour]] = field(default_factory=list)

    def add(self, pattern: str, behaviour: Behaviour) -> None:
        self._rules.append((pattern, behaviour))

    def of(self, names: list[str]) -> Behaviour:
        """The latest rule that matches one of the image's names."""
        for pattern, behaviour in reversed(self._rules):
            if any(fnmatchcase(name, pattern) for name in names):
                return behaviour
        return Behaviour()
