"""Drawings of icons."""

from __future__ import annotations

import pytest

from services import icons


def test_a_drawing_is_markup_with_the_attributes_that_were_asked_for() -> None:
    drawn = icons.draw("rocket", {"width": "18", "aria-label": "a <b>"})
    assert drawn.startswith("<svg ") and drawn.endswith("</svg>")
    assert 'width="18"' in drawn and 'aria-label="a &lt;b&gt;"' in drawn
    assert "<path d=" in drawn
    assert "ns0" not in drawn and "xmlns" not in drawn


def test_two_drawings_do_not_share_attributes() -> None:
    icons.draw("rocket", {"class": "large"})
    assert "large" not in icons.draw("rocket", {})


def test_there_is_none_of_a_name_that_is_unknown() -> None:
    with pytest.raises(KeyError):
        icons.draw("no-such-icon", {})
