"""Expected statuses: what can be written, and what is said about everything else."""

from __future__ import annotations

import pytest

from services.statuses import ANY_SUCCESS, Statuses


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (ANY_SUCCESS, (200, 204, 302, 399), (199, 400, 503)),
        ("204", (204,), (200, 205)),
        ("200, 301-302", (200, 301, 302), (201, 300, 303)),
        ("503", (503,), (200,)),
    ],
)
def test_what_is_expected(text: str, inside: tuple[int, ...], outside: tuple[int, ...]) -> None:
    statuses = Statuses.parse(text)
    assert all(status in statuses for status in inside)
    assert not any(status in statuses for status in outside)
    assert str(statuses) == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "such as 204"),
        ("ok", "such as 204"),
        ("2xx", "such as 204"),
        ("200;204", "such as 204"),
        ("200-", "such as 204"),
        ("20", "such as 204"),
        ("٢٠٠", "such as 204"),
        ("100", "200 to 599"),
        ("200-600", "200 to 599"),
        ("399-200", "begins above its end"),
        (",".join(["200"] * 9), "at most 8"),
    ],
)
def test_what_cannot_be_expected(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Statuses.parse(text)
