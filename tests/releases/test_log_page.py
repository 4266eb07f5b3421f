"""A log beside its socket: as text, read while it is sent, and searched as a whole."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.test import AsyncClient, Client

from releases.logs import search, store
from releases.logs.lines import BUILD, PLATFORM, STAGE, Block, Line
from releases.models import LogStream, Release, Stage, Status
from tests.conftest import LoggedIn
from tests.factories import Cast, make_cast, make_release, make_service


def in_database(function: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """The function in a thread of its own, whose connection is closed afterwards."""
    return database_sync_to_async(function, thread_sensitive=False)


def make(cast: Cast, *lines: Line) -> Release:
    release = make_release(make_service(cast.environment, "web"), Status.LIVE)
    stream = LogStream.objects.create(release=release)
    if lines:
        store.append(stream.pk, Block.of(1, lines))
    return release


def found(client: Client, release: Release, words: str) -> dict[str, object]:
    response = client.get(release.get_absolute_url() + "log/search", {"q": words})
    assert response.status_code == 200
    answer: dict[str, object] = response.json()
    return answer


@pytest.mark.parametrize("path", ["log.txt", "log/search?q=x"])
def test_members_see_it_and_nobody_else(cast: Cast, logged_in: LoggedIn, path: str) -> None:
    address = make(cast).get_absolute_url() + path
    for user in cast.members:
        assert logged_in(user).get(address).status_code == 200
    for user in (cast.stranger, cast.operator):
        assert logged_in(user).get(address).status_code == 404
    assert Client().get(address)["Location"].startswith("/account/login/")
    assert logged_in(cast.owner).post(address).status_code == 405


@pytest.mark.django_db(transaction=True)
class TestDownload:
    async def read(self, cast: Cast, release: Release) -> list[str]:
        client = AsyncClient()
        await client.aforce_login(cast.owner)
        response = await client.get(release.get_absolute_url() + "log.txt")
        assert response["Content-Type"].startswith("text/plain")
        assert 'filename="web-release-1.log.txt"' in response["Content-Disposition"]
        return [part.decode() async for part in response.streaming_content]

    async def test_a_log_is_text(self, transactional_db: None) -> None:
        cast, release = await in_database(self.short)()
        parts = await self.read(cast, release)
        assert parts == ["1970-01-01 00:00:00.000Z red <b>\n"]

    async def test_a_long_log_comes_in_pieces_of_bounded_size(self, transactional_db: None) -> None:
        cast, release = await in_database(self.long)()
        parts = await self.read(cast, release)
        assert [len(part.splitlines()) for part in parts] == [5_000, 5_000, 2_000]
        numbers = [int(line.rsplit(" ", 1)[1]) for part in parts for line in part.splitlines()]
        assert numbers == list(range(1, 12_001))

    def short(self) -> tuple[Cast, Release]:
        cast = make_cast()
        return cast, make(cast, Line(0, BUILD, "\x1b[31mred\x1b[0m <b>"))

    def long(self) -> tuple[Cast, Release]:
        cast = make_cast()
        release = make(cast)
        for first in range(1, 12_001, 500):
            lines = [Line(1, BUILD, str(number)) for number in range(first, first + 500)]
            store.append(release.log.pk, Block.of(first, lines))
        return cast, release


def test_a_log_that_has_not_begun_has_no_match(cast: Cast, owner_client: Client) -> None:
    release = make_release(make_service(cast.environment, "web"), Status.QUEUED)
    assert found(owner_client, release, "x") == {"total": 0, "hits": [], "through": 0}


def test_words_are_found_as_they_are_shown(cast: Cast, owner_client: Client) -> None:
    release = make(
        cast,
        Line(1_700_000_000_000, STAGE, Stage.BUILD.value),
        Line(1_700_000_000_000, BUILD, "Step \x1b[31mNee\x1b[1mdle\x1b[0m one"),
        Line(1_700_000_000_000, PLATFORM, "A needle of ours"),
        Line(1_700_000_000_000, "web-1", "listening"),
    )
    for words, hits in (
        ("needle", [2, 3]),
        ("NEEDLE ONE", [2]),
        ("web-1 │ list", [4]),
        ("web-1", [4]),
        ("platform", []),  # where a line comes from is not part of what it shows
        ("1700000000000", []),
    ):
        assert found(owner_client, release, words) == {"total": len(hits), "hits": hits, "through": 4}, words


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", "?q=" + "x" * 201, "?q=%00"])
def test_words_that_make_no_sense_are_refused_with_the_reason(cast: Cast, owner_client: Client, query: str) -> None:
    response = owner_client.get(make(cast).get_absolute_url() + "log/search" + query)
    assert response.status_code == 400
    assert response.json()["error"]


def test_every_match_counts_and_the_first_are_named(
    cast: Cast, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "HITS", 5)  # the product's ten thousand, shortened
    release = make(cast)
    for first in (1, 11, 21):
        store.append(release.log.pk, Block.of(first, [Line(1, BUILD, f"x{first + index}") for index in range(10)]))
    assert found(owner_client, release, "x") == {"total": 30, "hits": [1, 2, 3, 4, 5], "through": 30}
    assert found(owner_client, release, "x2")["hits"] == [2, 20, 21, 22, 23]


def test_a_search_that_takes_too_long_tells_how_far_it_came(
    cast: Cast, owner_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SECONDS", -1.0)  # no time at all
    assert found(owner_client, make(cast, Line(1, BUILD, "x")), "x") == {"total": 0, "hits": [], "through": 0}
