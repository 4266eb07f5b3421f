"""`make clean` removes what is made again, and nothing else."""

from __future__ import annotations

from pathlib import Path

from kintohub.standalone import clean


def test_data_and_sources_stay(tmp_path: Path) -> None:
    for name in (".venv/bin", "data/logs", "kintohub/__pycache__", "services/deep/__pycache__", ".mypy_cache", "docs"):
        (tmp_path / name).mkdir(parents=True)
    found = {str(path.relative_to(tmp_path)) for path in clean.generated(tmp_path)}
    assert found == {".venv", ".mypy_cache", "kintohub/__pycache__", "services/deep/__pycache__"}
