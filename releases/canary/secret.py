"""What is looked for, and what a find says."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from releases.logs.encodings import written

SHORTEST = 8  # characters
DIFFERENT = 5  # characters of a value that are not the same
LONG = 20  # letters or digits alone are telling from here on; shorter ones are words and numbers


@dataclass(frozen=True)
class Secret:
    """`name` is what the user knows it by."""

    name: str
    value: str = field(repr=False)

    @property
    def is_distinctive(self) -> bool:
        """Whether it would hardly stand anywhere by chance, as “production” or “postgres” do. A find ends the release,
        so what any package may hold is not looked for.
        """
        is_word = (self.value.isalpha() or self.value.isdecimal()) and len(self.value) < LONG
        return len(self.value) >= SHORTEST and len(set(self.value)) >= DIFFERENT and not is_word

    @cached_property
    def forms(self) -> tuple[bytes, ...]:
        """The value and its encodings; of several lines also the longest one."""
        longest = max(self.value.splitlines(), key=len, default="")
        forms = (form.encode(errors="replace") for form in (*written(self.value), longest))
        return tuple(dict.fromkeys(form for form in forms if len(form) >= SHORTEST))


@dataclass(frozen=True)
class Find:
    """Where a secret is. `instruction` put it there; `path` and `layer` (from 0, -1 for none) tell of a file."""

    secret: str
    instruction: str
    path: str = ""
    layer: int = -1
