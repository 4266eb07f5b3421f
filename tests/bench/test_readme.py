"""Results reach the README, each between its own comments."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import figures, machine, readme


def test_only_the_own_block_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "README.md"
    place.write_text("Before\n\n<!-- bench-a -->\nold\n<!-- /bench-a -->\n<!-- bench-b -->\n<!-- /bench-b -->\nAfter\n")
    readme.publish("bench-a", readme.table(("What", "ms"), [("Switch \\1", 3), ("Other", "0.5")]), place)
    text = place.read_text()
    assert text.startswith("Before\n\n<!-- bench-a -->\n| What | ms |\n| --- | --- |\n| Switch \\1 | 3 |\n")
    assert f"\n\n{machine.described()}\n<!-- /bench-a -->\n<!-- bench-b -->\n<!-- /bench-b -->\nAfter\n" in text
    assert "old" not in text


@pytest.mark.parametrize("text", ["", "<!-- bench-a -->", "<!-- bench-a --><!-- /bench-a -->" * 2])
def test_a_readme_without_its_place_is_not_changed(tmp_path: Path, text: str) -> None:
    place = tmp_path / "README.md"
    place.write_text(text)
    with pytest.raises(ValueError, match="once each"):
        readme.publish("bench-a", "results", place)
    assert place.read_text() == text


def test_percentiles_are_values_that_were_measured() -> None:
    values = [5.0, 1.0, 3.0, 2.0, 4.0]
    assert [figures.percentile(values, percent) for percent in (1, 50, 80, 99, 100)] == [1, 3, 4, 5, 5]
    assert figures.median([7.0]) == 7
    with pytest.raises(ValueError, match="no value"):
        figures.percentile([], 50)


def test_milliseconds_keep_what_means_something() -> None:
    assert [figures.milliseconds(value) for value in (0.000344, 0.00412, 0.12)] == ["0.34 ms", "4.1 ms", "120 ms"]
