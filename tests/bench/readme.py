"""A measurement's place in the README: what stands between its two marker comments is replaced by each run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.bench import machine
from tests.settings import BASE_DIR

README = BASE_DIR / "README.md"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown. Cells are written as they are, so format numbers before."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def publish(name: str, text: str, readme: Path = README) -> None:
    """Put `text` and where and when it was measured between `<!-- name -->` and `<!-- /name -->`, and print it.

    ValueError when the README has no such pair of comments.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before = readme.read_text()
    if before.count(start) != 1 or before.count(end) != 1:
        raise ValueError(f"{readme.name} needs the comments {start} and {end} once each.")
    block = f"{start}\n{text.strip()}\n\n{machine.described()}\n{end}"
    print(block, flush=True)
    readme.write_text(re.sub(f"{re.escape(start)}.*{re.escape(end)}", lambda _: block, before, flags=re.DOTALL))
