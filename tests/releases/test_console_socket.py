"""The socket of a console: who may connect, and where it begins."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser

from releases import doorman
from releases.logs import store
from releases.logs.lines import Block, Line
from releases.models import LogChunk, LogStream
from releases.routing import sockets
from services.models import Membership, Service
from tests.factories import Cast, make_service
from tests.releases.test_log_socket import Communicator, in_database, session_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("without_redis")]


@pytest.fixture
def service(cast: Cast) -> Service:
    """With a console of ten chunks of ten lines."""
    service = make_service(cast.environment, "web")
    stream = LogStream.objects.create(service=service)
    for first in range(1, 101, 10):
        rows = [Line(1, "#1 web-1", f"line {number}") for number in range(first, first + 10)]
        store.append(stream.pk, Block.of(first, rows))
    return service


@asynccontextmanager
async def connected(service_id: int, user: Any, since: int) -> AsyncIterator[Communicator]:
    socket = Communicator(URLRouter(sockets), f"/ws/services/{service_id}/console?since={since}")
    socket.scope |= {"user": user, "session": await in_database(session_of)(user)}
    accepted, _ = await socket.connect(timeout=60)
    assert accepted
    yield socket
    await socket.disconnect(timeout=60)


async def read(socket: Communicator) -> dict[str, Any]:
    event = await socket.receive_output(timeout=60)
    if event["type"] == "websocket.close":
        return {"code": event["code"]}
    message: dict[str, Any] = json.loads(event["text"])
    return message


async def numbers(socket: Communicator, count: int) -> list[int]:
    found = list[int]()
    while len(found) < count:
        message = await read(socket)
        assert message["t"] == "c"
        found += range(message["f"], message["f"] + message["n"])
    return found


async def test_a_viewer_begins_with_the_last_lines(cast: Cast, service: Service) -> None:
    async with connected(service.pk, cast.viewer, -25) as socket:
        assert await read(socket) == {"t": "hello", "first": 76, "last": 100, "state": ""}
        assert await numbers(socket, 25) == list(range(76, 101))


async def test_a_viewer_that_comes_back_gets_what_it_missed(cast: Cast, service: Service) -> None:
    async with connected(service.pk, cast.viewer, 93) as socket:
        assert (await read(socket))["first"] == 94
        assert await numbers(socket, 7) == list(range(94, 101))


async def test_lines_that_are_not_kept_any_more_are_named(cast: Cast, service: Service) -> None:
    await in_database(LogChunk.objects.filter(last_seq__lte=50).delete)()
    async with connected(service.pk, cast.viewer, 20) as socket:
        assert (await read(socket))["first"] == 51
        assert await read(socket) == {"t": "gap", "f": 21, "to": 50}
        assert await numbers(socket, 50) == list(range(51, 101))
    async with connected(service.pk, cast.viewer, -5000) as socket:
        assert (await read(socket))["first"] == 51


async def test_a_service_that_has_printed_nothing_waits(cast: Cast, service: Service) -> None:
    quiet = await in_database(make_service)(cast.environment, "quiet")
    async with connected(quiet.pk, cast.viewer, -100) as socket:
        assert await read(socket) == {"t": "hello", "first": 1, "last": 0, "state": ""}


async def test_strangers_and_people_who_are_logged_out_see_nothing(cast: Cast, service: Service) -> None:
    for user, code in ((cast.stranger, 4404), (cast.operator, 4404), (AnonymousUser(), 4401)):
        async with connected(service.pk, user, -5) as socket:
            assert await read(socket) == {"code": code}


async def test_who_loses_the_membership_is_sent_away(
    cast: Cast, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorman, "EVERY", 0.05)  # the product's two seconds, shortened
    async with connected(service.pk, cast.viewer, -5) as socket:
        await read(socket)
        await numbers(socket, 5)
        await in_database(Membership.objects.filter(user=cast.viewer).delete)()
        assert await read(socket) == {"code": 4404}
