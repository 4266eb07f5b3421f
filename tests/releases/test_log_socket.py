"""The log socket: who may connect, what is sent, and what a viewer that does not behave gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from kintohub.accounts.models import User
from releases import consumers, doorman
from releases.logs import store
from releases.logs.lines import BUILD, Block, Line
from releases.logs.writer import ReleaseLog
from releases.models import LogStream, Release, Status
from releases.routing import sockets
from services.models import Environment, Membership
from tests.factories import Cast, make_release, make_service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("without_redis")]

MOST_HEARTBEATS = 100  # between two messages


@pytest.fixture
def release(cast: Cast) -> Release:
    """In work, with three lines."""
    release = make_release(make_service(cast.environment, "web"), Status.DEPLOYING)
    stream = LogStream.objects.create(release=release)
    store.append(stream.pk, Block.of(1, [Line(1, BUILD, text) for text in ("one", "two", "three")]))
    return release


def finish(release: Release) -> None:
    store.close(release.log.pk)
    Release.objects.filter(pk=release.pk).update(status=Status.LIVE)


def in_database(function: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """The function in a thread of its own, whose connection is closed afterwards."""
    return database_sync_to_async(function, thread_sensitive=False)


def session_of(user: Any) -> SessionBase:
    """A new session, in which the user is logged in."""
    client = Client()
    if user.is_authenticated:
        client.force_login(user)
    return client.session


class Communicator(WebsocketCommunicator):
    """Channels' own keeps connections from being closed while it waits; these tests want the product as it is."""

    send_input = ApplicationCommunicator.send_input
    receive_output = ApplicationCommunicator.receive_output


class Socket:
    def __init__(
        self, release_id: int, user: Any, session: Any, query: str, headers: list[tuple[bytes, bytes]]
    ) -> None:
        app = URLRouter(sockets)
        self.inner = Communicator(app, f"/ws/releases/{release_id}/log{query}", headers=headers)
        self.inner.scope |= {"user": user, "session": session}

    async def read(self) -> dict[str, Any]:
        """The next message; the code of closing as `{"code": ...}`. Heartbeats are left out."""
        for _ in range(MOST_HEARTBEATS):
            event = await self.inner.receive_output(timeout=60)
            if event["type"] == "websocket.close":
                return {"code": event.get("code")}
            message: dict[str, Any] = json.loads(event["text"])
            if message["t"] != "hb":
                return message
        raise AssertionError("Nothing came but heartbeats.")

    async def until(self, done: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        messages = [await self.read()]
        while not done(messages[-1]):
            messages.append(await self.read())
        return messages

    async def acknowledge(self, seq: Any) -> None:
        await self.inner.send_json_to({"t": "ack", "s": seq})


@asynccontextmanager
async def connected(
    release_id: int, user: Any, query: str = "?since=0", headers: list[tuple[bytes, bytes]] | None = None
) -> AsyncIterator[Socket]:
    socket = Socket(release_id, user, await in_database(session_of)(user), query, headers or [])
    accepted, _ = await socket.inner.connect(timeout=60)
    assert accepted
    yield socket
    await socket.inner.disconnect(timeout=60)


async def close_code(release_id: int, user: Any, query: str = "?since=0") -> int:
    async with connected(release_id, user, query) as socket:
        return int((await socket.read())["code"])


async def test_members_see_the_lines(cast: Cast, release: Release) -> None:
    for user in cast.members:
        async with connected(release.pk, user) as socket:
            assert await socket.read() == {"t": "hello", "first": 1, "last": 3, "state": "deploying"}
            lines = await socket.read()
            assert lines == {"t": "c", "f": 1, "n": 3, "b": "1\tbuild\tone\n1\tbuild\ttwo\n1\tbuild\tthree"}


async def test_strangers_are_told_the_same_as_for_a_release_that_does_not_exist(cast: Cast, release: Release) -> None:
    for user in (cast.stranger, cast.operator):
        assert await close_code(release.pk, user) == consumers.NOT_FOUND
    assert await close_code(release.pk + 1, cast.owner) == consumers.NOT_FOUND


async def test_nobody_and_people_who_left(cast: Cast, release: Release) -> None:
    assert await close_code(release.pk, AnonymousUser()) == consumers.LOGGED_OUT
    cast.owner.is_active = False
    assert await close_code(release.pk, cast.owner) == consumers.NOT_FOUND


@pytest.mark.parametrize("query", ["?since=-100001", "?since=x", "?since=99999999999999", "?since=%00"])
async def test_a_cursor_that_makes_no_sense(cast: Cast, release: Release, query: str) -> None:
    assert await close_code(release.pk, cast.owner, query) == consumers.BAD_REQUEST


async def test_a_page_of_another_host_cannot_read_logs(cast: Cast, release: Release) -> None:
    def headers(origin: bytes) -> list[tuple[bytes, bytes]]:
        return [(b"host", b"kinto.example.com"), (b"origin", origin)]

    async with connected(release.pk, cast.owner, headers=headers(b"https://kinto.example.com")) as socket:
        assert (await socket.read())["t"] == "hello"
    evil = Socket(release.pk, cast.owner, None, "?since=0", headers(b"http://evil.kinto.example.com"))
    accepted, _ = await evil.inner.connect(timeout=60)
    assert not accepted


async def test_a_returning_viewer_gets_only_what_it_lacks(cast: Cast, release: Release) -> None:
    async with connected(release.pk, cast.owner, "?since=2") as socket:
        await socket.read()
        assert await socket.read() == {"t": "c", "f": 3, "n": 1, "b": "1\tbuild\tthree"}


async def test_the_end_is_told_and_the_socket_closed(cast: Cast, release: Release) -> None:
    async with connected(release.pk, cast.owner) as socket:
        await socket.until(lambda message: message["t"] == "c")
        await in_database(finish)(release)
        assert await socket.read() == {"t": "end", "last": 3, "state": "live"}
        assert await socket.read() == {"code": consumers.NORMAL}


async def test_new_lines_arrive_and_html_stays_text(cast: Cast, release: Release) -> None:
    def talk() -> None:
        with ReleaseLog(release.log, ["hunter2!"]) as log:
            log.feed(BUILD, b"<script>alert('hunter2!')</script>\n", 2.0)

    async with connected(release.pk, cast.owner, "?since=3") as socket:
        await socket.read()
        await in_database(talk)()
        message = await socket.read()
        assert (message["f"], message["b"]) == (4, "2000\tbuild\t<script>alert('••••••')</script>")


async def test_a_viewer_that_does_not_acknowledge_gets_no_more_than_the_limit(cast: Cast, release: Release) -> None:
    def fill() -> None:
        for first in range(4, 20_004, 500):
            store.append(release.log.pk, Block.of(first, [Line(1, BUILD, "x")] * 500))
        finish(release)

    await in_database(fill)()
    async with connected(release.pk, cast.owner) as socket:
        sent = 0
        while sent <= consumers.IN_FLIGHT:
            message = await socket.read()
            sent = message["f"] + message["n"] - 1 if message["t"] == "c" else sent
        assert await socket.inner.receive_nothing(timeout=0.5)
        for nonsense in ("{", "[]", '{"t":"ack"}', '{"t":"ack","s":"x"}', "null"):
            await socket.inner.send_to(text_data=nonsense)
        assert await socket.inner.receive_nothing(timeout=0.3)
        while message["t"] != "end":
            await socket.acknowledge(sent)
            message = await socket.read()
            if message["t"] == "c":
                assert message["f"] == sent + 1
                sent = message["f"] + message["n"] - 1
        assert sent == 20_003


async def test_a_stuck_viewer_is_sent_away(cast: Cast, release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "PATIENCE", 0.3)  # the product's minute, shortened
    await in_database(store.append)(release.log.pk, Block.of(4, [Line(1, BUILD, "x")] * 6_000))
    await in_database(store.append)(release.log.pk, Block.of(6_004, [Line(1, BUILD, "x")]))
    async with connected(release.pk, cast.owner) as socket:
        messages = await socket.until(lambda message: "code" in message)
        assert messages[-1]["code"] == consumers.STUCK


def remove(environment: Environment) -> None:
    Release.objects.filter(service__environment=environment).delete()
    environment.services.all().delete()
    environment.delete()


@pytest.mark.parametrize(
    "taken_away",
    [
        lambda cast: Membership.objects.filter(user=cast.viewer).delete(),
        lambda cast: User.objects.filter(pk=cast.viewer.pk).update(is_active=False),
        lambda cast: remove(cast.environment),
    ],
    ids=["membership", "account", "environment"],
)
async def test_access_that_is_taken_away_ends_the_socket(
    cast: Cast, release: Release, monkeypatch: pytest.MonkeyPatch, taken_away: Callable[[Cast], object]
) -> None:
    monkeypatch.setattr(doorman, "EVERY", 0.05)  # the product's two seconds, shortened
    async with connected(release.pk, cast.viewer) as leaver, connected(release.pk, cast.owner) as owner:
        for socket in (leaver, owner):
            await socket.until(lambda message: message["t"] == "c")
        await in_database(taken_away)(cast)
        assert await leaver.read() == {"code": consumers.NOT_FOUND}
        if await in_database(Membership.objects.filter(user=cast.owner).exists)():
            assert await owner.inner.receive_nothing(timeout=0.2)


def change_password(cast: Cast) -> None:
    cast.viewer.set_password("another one")
    cast.viewer.save()


@pytest.mark.parametrize(
    "end",
    [
        lambda cast, key: Session.objects.filter(pk=key).delete(),
        lambda cast, key: Session.objects.filter(pk=key).update(expire_date=timezone.now()),
        lambda cast, key: change_password(cast),
    ],
    ids=["logged out", "expired", "password"],
)
async def test_a_session_that_is_over_ends_its_sockets_and_no_other(
    cast: Cast, release: Release, monkeypatch: pytest.MonkeyPatch, end: Callable[[Cast, str], object]
) -> None:
    monkeypatch.setattr(doorman, "EVERY", 0.05)  # the product's two seconds, shortened
    async with connected(release.pk, cast.viewer) as leaver, connected(release.pk, cast.owner) as owner:
        for socket in (leaver, owner):
            await socket.until(lambda message: message["t"] == "c")
        assert await leaver.inner.receive_nothing(timeout=0.2)
        await in_database(end)(cast, leaver.inner.scope["session"].session_key)
        assert await leaver.read() == {"code": consumers.SESSION_OVER}
        assert await owner.inner.receive_nothing(timeout=0.2)


async def test_logging_out_in_one_browser_leaves_the_other_one_alone(
    cast: Cast, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorman, "EVERY", 0.05)  # the product's two seconds, shortened
    async with connected(release.pk, cast.viewer) as here, connected(release.pk, cast.viewer) as there:
        for socket in (here, there):
            await socket.until(lambda message: message["t"] == "c")
        await in_database(here.inner.scope["session"].flush)()
        assert await here.read() == {"code": consumers.SESSION_OVER}
        assert await there.inner.receive_nothing(timeout=0.2)


async def test_one_look_is_enough_for_all_sockets(cast: Cast, release: Release, django_assert_num_queries: Any) -> None:
    def guest(user: User) -> doorman.Guest:
        return doorman.Guest(user.pk, cast.environment.pk, session_of(user).session_key or "")

    def look() -> None:
        stranger, impostor = guest(cast.stranger), guest(cast.viewer)._replace(session=guest(cast.owner).session)
        expected = {stranger: doorman.Reason.NOT_A_MEMBER, impostor: doorman.Reason.SESSION_OVER}
        guests = {guest(user) for user in cast.members}
        with django_assert_num_queries(2):
            assert doorman.unwelcome(guests | set(expected)) == expected

    await in_database(look)()


async def test_a_heartbeat_shows_that_the_path_is_alive(
    cast: Cast, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT", 0.1)  # the product's fifteen seconds, shortened
    async with connected(release.pk, cast.owner, "?since=3") as socket:
        await socket.read()
        event = await socket.inner.receive_output(timeout=60)
        assert json.loads(event["text"]) == {"t": "hb"}


async def test_leaving_stops_all_work(cast: Cast, release: Release) -> None:
    before = asyncio.all_tasks()
    async with connected(release.pk, cast.owner) as socket:
        await socket.read()
    async with asyncio.timeout(60):
        while not asyncio.all_tasks() <= before:  # what asks the database ends with its answer
            await asyncio.sleep(0.05)
    assert asyncio.all_tasks() <= before


async def test_a_release_that_is_deleted_ends_the_socket(cast: Cast, release: Release) -> None:
    async with connected(release.pk, cast.owner) as socket:
        await socket.until(lambda message: message["t"] == "c")
        await in_database(Release.objects.filter(pk=release.pk).delete)()
        assert await socket.read() == {"code": consumers.NOT_FOUND}


def test_the_server_may_send_every_code() -> None:
    codes = [
        getattr(consumers, name)
        for name in ("NORMAL", "BAD_REQUEST", "LOGGED_OUT", "NOT_FOUND", "STUCK", "FAULT", "SESSION_OVER")
    ]
    assert all(code == 1000 or 3000 <= code <= 4999 for code in codes), "Autobahn refuses any other"
