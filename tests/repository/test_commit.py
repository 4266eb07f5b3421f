"""What a commit may do to a page or a terminal: nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.repository.commit import clean, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\r\nb\tc", "a b c"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("\u202egnp.exe", "gnp.exe"),
        ("nul\x00 bell\x07", "nul bell"),
        ("👩‍🚀 ok", "👩‍🚀 ok"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text, 200) == expected


@given(st.text(max_size=100))
def test_no_control_character_is_left(text: str) -> None:
    cleaned = clean(text, 50)
    assert len(cleaned) <= 50
    assert not [c for c in cleaned if unicodedata.category(c) == "Cc"]


def test_a_time_beyond_all_calendars() -> None:
    assert parse(b"a" * 40 + b"\x0099999999999999\x00Ada\x00Subject\n").time.year == 9999
