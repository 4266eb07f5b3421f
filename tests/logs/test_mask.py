"""No secret leaves the producer: not encoded, not split over two pieces, not across the cut of a long line."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from releases.logs.intake import Intake
from releases.logs.lines import CUT_MARK, MAX_CHARS
from releases.logs.mask import MASK, Mask

SECRET = "s3cr3t/Pass word+1"
_secret = st.text(st.characters(codec="utf-8", exclude_characters="•\r\n"), min_size=4, max_size=30)


def masked(data: bytes, secrets: list[str], size: int = 7) -> str:
    intake = Intake(Mask(secrets))
    lines = [line for at in range(0, len(data), size) for line in intake.feed("build", data[at : at + size], 0.0)]
    return "\n".join(line.text for line in lines + intake.end(0.0))


@settings(max_examples=300)
@given(secret=_secret, before=st.text(max_size=20), after=st.text(max_size=20), size=st.integers(1, 40))
def test_no_secret_survives_any_split(secret: str, before: str, after: str, size: int) -> None:
    shown = "".join(letter for letter in secret if letter.isprintable()).strip()
    assume(len(shown) >= 4)
    data = f"{before}{secret}{after}\n".encode(errors="replace")
    assert shown not in masked(data, [secret], size)


@pytest.mark.parametrize(
    "printed",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        b64encode(SECRET.encode()).decode(),
        f"\x1b[31m{SECRET[:5]}\x1b[0m{SECRET[5:]}",
        f"{SECRET[:5]}\x00{SECRET[5:]}",
    ],
)
def test_the_ways_a_program_prints_it(printed: str) -> None:
    assert masked(f"begin {printed} end\n".encode(), [SECRET]) == f"begin {MASK} end"


@pytest.mark.parametrize("user", ["a", "ab", "abc", "token"])
def test_basic_authentication(user: str) -> None:
    header = b64encode(f"{user}:{SECRET}".encode()).decode()
    shown = masked(f"Authorization: Basic {header}\n".encode(), [SECRET])
    assert MASK in shown
    assert b64encode(SECRET.encode()).decode()[4:-4] not in shown
    assert len(shown) < len("Authorization: Basic ") + len(MASK) + 16


def test_a_value_of_several_lines_is_masked_line_by_line_and_as_json() -> None:
    key = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\nq83hQ1x0\n-----END KEY-----"
    shown = masked((key + "\n" + json.dumps({"key": key}) + "\n").encode(), [key])
    assert "MIIE" not in shown
    assert "q83h" not in shown


def test_wrapped_base64() -> None:
    value = "correct horse battery staple " * 9
    encoded = b64encode(value.encode()).decode()
    for width in (64, 76):
        printed = "\n".join(encoded[at : at + width] for at in range(0, len(encoded), width))
        shown = masked(printed.encode() + b"\n", [value])
        assert shown.replace(MASK, "").strip() == ""


def test_overlapping_secrets_leave_no_half() -> None:
    assert masked(b"abcdefghij\n", ["abcdef", "defghij"]) == MASK


def test_the_longest_secret_wins() -> None:
    assert masked(b"password-long\n", ["password", "password-long"]) == MASK


def test_values_too_short_to_protect_are_left() -> None:
    assert masked(b"abc\n", ["abc", ""]) == "abc"


@pytest.mark.parametrize("inside", [1, 5, 17])
def test_a_secret_across_the_cut_of_a_long_line_shows_no_half(inside: int) -> None:
    line = "x" * (MAX_CHARS - inside) + SECRET + "y" * 50_000
    shown = masked(line.encode() + b"\n", [SECRET], 4096)
    assert shown == "x" * (MAX_CHARS - inside) + MASK + CUT_MARK


def test_masking_is_quick_with_hundreds_of_secrets() -> None:
    mask = Mask([f"value-{number}-{number * 7919}" for number in range(300)])
    begun = time.perf_counter()
    for _ in range(2_000):
        mask.apply("Collecting some package of a certain length (1.2 MB) from its index")
    assert time.perf_counter() - begun < 10


def test_the_mask_does_not_print_what_it_hides() -> None:
    assert SECRET not in repr(Mask([SECRET]))
