"""Remember what was done from which input, so that it is done again only when the input changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def of_files(paths: Iterable[Path]) -> str:
    """One digest over names and contents; directories count with everything below them."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                content = file.read_bytes()
                digest.update(f"{file.relative_to(path.parent)}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()


def read(path: Path) -> str:
    """Empty when nothing was done yet."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
