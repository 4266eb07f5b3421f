"""Remove what can be made again: the virtual environment and caches. Never data."""

from __future__ import annotations

import shutil
from pathlib import Path

from kintohub.standalone.progress import Progress
from kintohub.standalone.settings import CHECKOUT

CACHES = (".venv", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis", "test-results")
SOURCES = ("kintohub", "services", "releases", "tests")


def clean(progress: Progress) -> int:
    with progress.step("Removing the virtual environment and caches"):
        for path in generated(CHECKOUT):
            shutil.rmtree(path)
    return 0


def generated(checkout: Path) -> list[Path]:
    """Directories below the checkout that a command makes again."""
    compiled = [path for source in SOURCES for path in (checkout / source).rglob("__pycache__")]
    return [path for path in [*(checkout / name for name in CACHES), *compiled] if path.is_dir()]
