"""Pasted `.env` files: what people paste, and what they get told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dotenv import KEY, MAX_KEY, MAX_VALUE, MAX_VARIABLES, parse, problem_of


def variables(text: str) -> dict[str, str]:
    parsed = parse(text)
    assert not parsed.problems
    return dict(parsed.variables)


def problems(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in parse(text).problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# only a comment\n\n", {}),
        ("A=1\nB=2", {"A": "1", "B": "2"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1", {"A": "1"}),
        ("export A=1", {"A": "1"}),
        ("A = 1 ", {"A": "1"}),
        ("A=1 # comment", {"A": "1"}),
        ("A=1#not", {"A": "1#not"}),
        ("A='x # y'", {"A": "x # y"}),
        ('A="two\nlines"\nB=2', {"A": "two\nlines", "B": "2"}),
        (r'A="tab\tnew\nquote\""', {"A": 'tab\tnew\nquote"'}),
        (r"A='raw\n'", {"A": r"raw\n"}),
        ("A=", {"A": ""}),
        ('A=""', {"A": ""}),
        ("A=$HOME ${B}", {"A": "$HOME ${B}"}),
        ("URL=postgres://u:p@h/db?x=1&y=2", {"URL": "postgres://u:p@h/db?x=1&y=2"}),
        ("GRUSS=Grüße 👋", {"GRUSS": "Grüße 👋"}),
        ("_a1=x", {"_a1": "x"}),
    ],
)
def test_accepted(text: str, expected: dict[str, str]) -> None:
    assert variables(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("A=1\n\n\nB", 4, "“B” has no value"),
        ("A=1\nA=2", 2, "A is there twice"),
        ("\n1A=x", 2, "“1A” cannot be a key"),
        ("A-B=x", 1, "cannot be a key"),
        ("A.B=x", 1, "cannot be a key"),
        ("ÄB=x", 1, "cannot be a key"),
        ("'quoted key'=x", 1, "cannot be a key"),
        ("A=ok\nB='open\nC=3", 2, "cannot be read"),
        ("=x", 1, "cannot be read"),
        ("PORT=80", 1, "change the port in Build Settings"),
        ("K" * (MAX_KEY + 1) + "=x", 1, "too long"),
        ("A=" + "x" * (MAX_VALUE + 1), 1, "value of A is too long"),
        ("A=" + "é" * (MAX_VALUE // 2 + 1), 1, "value of A is too long"),
        ("A=x\0y", 1, "value of A"),
    ],
)
def test_problems_name_the_line(text: str, line: int, said: str) -> None:
    first = problems(text)[0]
    assert first[0] == line and said in first[1]


def test_a_bad_line_does_not_take_the_good_ones_with_it() -> None:
    parsed = parse("A=1\nB B=2\nC=3")
    assert dict(parsed.variables) == {"A": "1", "C": "3"}
    assert [problem.line for problem in parsed.problems] == [2]


def test_the_first_of_two_counts() -> None:
    assert parse("A=1\nA=2").variables == (("A", "1"),)


def test_bounds() -> None:
    parsed = parse("\n".join(f"K{number}=x" for number in range(MAX_VARIABLES + 50)))
    assert len(parsed.variables) == MAX_VARIABLES and len(parsed.problems) == 1
    assert problems("x" * 2_000_000) == [(0, "The text is too long: at most 1024 KiB.")]


def test_no_message_repeats_a_value() -> None:
    secret = "hunter2"
    text = f"A='{secret}\n1A={secret}\nB={secret}\nB={secret}\nPORT={secret}\nC C={secret}"
    assert problems(text) and not [message for _, message in problems(text) if secret in message]


KEYS = st.from_regex(KEY, fullmatch=True).filter(lambda key: key != "PORT" and len(key) <= MAX_KEY and key.isascii())
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_what_is_written_with_quotes_comes_back(wanted: dict[str, str]) -> None:
    lines = (f"{key}='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" for key, value in wanted.items())
    assert variables("\n".join(lines)) == wanted


@given(st.text(max_size=200) | st.text(st.sampled_from("AB=1'\"\\\n\r# $export"), max_size=60))
def test_any_text_gives_usable_variables(text: str) -> None:
    parsed = parse(text)
    assert not [key for key, value in parsed.variables if problem_of(key, value)]
    assert all(problem.line >= 1 for problem in parsed.problems)
