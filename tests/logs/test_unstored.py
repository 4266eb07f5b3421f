"""What a viewer sees already and the database has not yet is found and downloaded too."""

from __future__ import annotations

import pytest

from releases.logs import reader, store
from releases.logs.lines import BUILD, Block, Line
from releases.logs.search import Found, search
from releases.models import Release
from tests.logs.windows import Left

MOST_PIECES = 1_000  # of a log that is read as text

pytestmark = [pytest.mark.django_db(transaction=True)]


def block(first: int, *texts: str) -> Block:
    return Block.of(first, [Line(0, BUILD, text) for text in texts])


def show(release: Release, *blocks: Block) -> None:
    """Into the live window, with progress between."""
    left = Left(release.log.pk)
    for each in blocks:
        left.lines(each)
        left.progress(each.last, BUILD, f"needle {each.last} %")


def downloaded(release: Release) -> list[str]:
    lines, seq = list[str](), 0
    for _ in range(MOST_PIECES):
        text, seq = reader.text_after(release.log.pk, seq)
        if not text:
            return lines
        lines += [line.rsplit("Z ", 1)[1] for line in text.splitlines()]
    raise AssertionError("The log has no end.")


@pytest.mark.redis
def test_lines_that_only_the_window_has(release: Release, with_redis: str) -> None:
    store.append(release.log.pk, block(1, "a", "needle b"))
    show(release, block(1, "a"), block(2, "needle b", "c"), block(4, "needle d"))
    assert search(release.log.pk, "needle") == Found(total=2, hits=[2, 4], through=4)
    assert downloaded(release) == ["a", "needle b", "c", "needle d"]


@pytest.mark.redis
def test_a_log_of_which_nothing_is_stored(release: Release, with_redis: str) -> None:
    show(release, *(block(number, f"needle {number}") for number in range(1, 251)))
    assert search(release.log.pk, "needle").hits == list(range(1, 251))
    assert downloaded(release) == [f"needle {number}" for number in range(1, 251)]


@pytest.mark.redis
def test_lines_beyond_a_hole_wait_until_it_is_filled(release: Release, with_redis: str) -> None:
    store.append(release.log.pk, block(1, "a"))
    show(release, block(2, "needle b"), block(9, "needle i"))
    assert search(release.log.pk, "needle") == Found(total=1, hits=[2], through=2)
    assert downloaded(release) == ["a", "needle b"]


def test_without_redis_the_stored_lines_are_what_there_is(release: Release, without_redis: None) -> None:
    store.append(release.log.pk, block(1, "a", "needle b"))
    assert search(release.log.pk, "needle") == Found(total=1, hits=[2], through=2)
    assert downloaded(release) == ["a", "needle b"]
