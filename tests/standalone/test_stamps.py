"""Stamps change exactly when the input does."""

from __future__ import annotations

from pathlib import Path

from kintohub.standalone import stamps


def tree(root: Path) -> Path:
    (root / "static" / "css").mkdir(parents=True)
    (root / "static" / "css" / "app.css").write_text("body {}")
    (root / "static" / "icon.svg").write_text("<svg/>")
    return root / "static"


def test_the_same_files_elsewhere_give_the_same_stamp(tmp_path: Path) -> None:
    assert stamps.of_files([tree(tmp_path / "a")]) == stamps.of_files([tree(tmp_path / "b")])


def test_content_counts(tmp_path: Path) -> None:
    before = stamps.of_files([tree(tmp_path)])
    (tmp_path / "static" / "css" / "app.css").write_text("body{ }")
    assert stamps.of_files([tmp_path / "static"]) != before


def test_names_count(tmp_path: Path) -> None:
    before = stamps.of_files([tree(tmp_path)])
    (tmp_path / "static" / "icon.svg").rename(tmp_path / "static" / "logo.svg")
    assert stamps.of_files([tmp_path / "static"]) != before


def test_a_new_file_counts(tmp_path: Path) -> None:
    before = stamps.of_files([tree(tmp_path)])
    (tmp_path / "static" / "new").write_text("")
    assert stamps.of_files([tmp_path / "static"]) != before


def test_what_was_never_stamped_reads_as_empty(tmp_path: Path) -> None:
    assert stamps.read(tmp_path / "none") == ""
