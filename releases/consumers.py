"""The socket of a log viewer: access, the client's cursor, acknowledgements, heartbeat."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django import forms
from django.core.exceptions import ObjectDoesNotExist

from kintohub.accounts.models import User
from releases.access import environment_of_release, environment_of_service
from releases.doorman import Guest, Reason, doorman
from releases.logs import frames
from releases.logs.follow import Follower, Look, Lost, News, Over, Sent, console_of_service, log_of_release
from releases.logs.hub import hub
from releases.logs.reader import State
from releases.logs.window import Progress

logger = logging.getLogger(__name__)

HEARTBEAT = 15.0
IN_FLIGHT = 5_000  # lines sent and not acknowledged: Daphne's send never blocks, so the browser has to say what arrived
PATIENCE = 60.0  # seconds without an acknowledgement

# Of the codes below 3000 the server may send 1000 only.
NORMAL, BAD_REQUEST, LOGGED_OUT, NOT_FOUND, STUCK, FAULT = 1000, 4400, 4401, 4404, 4408, 4500
SESSION_OVER = 4440  # the browser comes back: with a newer session, or to hear that it is logged out
GOODBYE = {Reason.NOT_A_MEMBER: NOT_FOUND, Reason.SESSION_OVER: SESSION_OVER}
_environment_of_release = database_sync_to_async(environment_of_release, thread_sensitive=False)
_environment_of_service = database_sync_to_async(environment_of_service, thread_sensitive=False)


class CursorForm(forms.Form):
    """`since`: the last line the viewer has, 0 for none; -500 for none, and only the last 500 lines to begin with."""

    since = forms.IntegerField(min_value=-100_000, max_value=2**31 - 1)


class Acknowledgements:
    """How far the viewer is behind what was sent."""

    def __init__(self, last: int) -> None:
        self._sent = self._acknowledged = last
        self._news = asyncio.Event()

    def sent(self, last: int) -> None:
        self._sent = last

    def arrived(self, last: int) -> None:
        self._acknowledged = max(self._acknowledged, min(last, self._sent))
        self._news.set()

    async def room(self) -> None:
        """Wait until the viewer is near enough. Raises TimeoutError when it says nothing for too long."""
        while self._sent - self._acknowledged > IN_FLIGHT:
            self._news.clear()
            async with asyncio.timeout(PATIENCE):
                await self._news.wait()


def _begin(since: int, state: State) -> int:
    """The line before the first one to send."""
    return max(since if since >= 0 else state.last + since, state.first - 1)


class StreamConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Strangers are told the same as for a log that does not exist."""

    tasks: tuple[asyncio.Task[None], ...] = ()

    async def connect(self) -> None:
        if not _same_origin(self.scope):
            await self.close()
            return
        await self.accept()
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        form = CursorForm({"since": query.get("since", ["0"])[-1]})
        guest = await self._guest()
        if guest is None or not form.is_valid():
            await self.close(BAD_REQUEST if guest else self._stranger)
            return
        since = form.cleaned_data["since"]
        state = await hub().shared.ask(*self.look)
        begin = _begin(since, state)
        self.acknowledgements = Acknowledgements(begin)
        await self._tell({"t": "hello", "first": begin + 1, "last": state.last, "state": state.status})
        if 0 < since < begin:
            await self._tell({"t": "gap", "f": since + 1, "to": begin})
        self.tasks = (
            self._start(self._follow(begin)),
            self._start(self._beat()),
            self._start(self._leave_with(guest)),
        )

    async def disconnect(self, code: int) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        with contextlib.suppress(ValueError, TypeError, KeyError):
            message = json.loads(text_data or "")
            if message["t"] == "ack":
                self.acknowledgements.arrived(int(message["s"]))

    @property
    def id(self) -> int:
        return int(self.scope["url_route"]["kwargs"]["id"])

    @property
    def look(self) -> Look:
        raise NotImplementedError

    async def environment(self, user: User) -> int | None:
        """The environment of the log, if the user is a member."""
        raise NotImplementedError

    @property
    def _stranger(self) -> int:
        return NOT_FOUND if isinstance(self.scope["user"], User) else LOGGED_OUT

    async def _guest(self) -> Guest | None:
        user = self.scope["user"]
        environment = await self.environment(user) if isinstance(user, User) else None
        return Guest(user.pk, environment, self.scope["session"].session_key) if environment else None

    async def _follow(self, since: int) -> None:
        follower = Follower(hub(), self.look, since)
        try:
            async with contextlib.aclosing(follower.news()) as news:
                async for item in news:
                    await self.acknowledgements.room()
                    await self._pass_on(item)
        except ObjectDoesNotExist:
            await self.close(NOT_FOUND)
        except TimeoutError:
            await self.close(STUCK)

    async def _pass_on(self, item: News) -> None:
        match item:
            case Sent():
                await self.send(text_data=item.frame)
                self.acknowledgements.sent(item.last)
            case Lost():
                await self._tell({"t": "gap", "f": item.first, "to": item.last})
                self.acknowledgements.sent(item.last)
            case Progress():
                await self._tell({"t": "p", "s": item.source, "b": item.text})
            case Over():
                await self._tell({"t": "end", "last": item.state.last, "state": item.state.status})
                await self.close(NORMAL)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            await self._tell({"t": "hb"})

    async def _leave_with(self, guest: Guest) -> None:
        """Access may be taken away, and the user may log out, after the socket was opened."""
        async with doorman().watches(guest) as gone:
            await self.close(GOODBYE[await gone])

    async def _tell(self, message: frames.Message) -> None:
        await self.send(text_data=frames.encode(message))

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.create_task(self._guarded(work))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        """A fault of ours closes the socket, so that the viewer comes back, instead of leaving it silent."""
        try:
            await work
        except Exception:
            logger.exception("The log socket %s failed.", self.scope["path"])
            await self.close(FAULT)


class LogConsumer(StreamConsumer):
    """The log of a release."""

    @property
    def look(self) -> Look:
        return log_of_release(self.id)

    async def environment(self, user: User) -> int | None:
        found: int | None = await _environment_of_release(user, self.id)
        return found


class ConsoleConsumer(StreamConsumer):
    """The console of a service."""

    @property
    def look(self) -> Look:
        return console_of_service(self.id)

    async def environment(self, user: User) -> int | None:
        found: int | None = await _environment_of_service(user, self.id)
        return found


def _same_origin(scope: dict[str, Any]) -> bool:
    """A page of another host must not read logs with the visitor's cookies: services share the platform's domain."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    return not origin or urlsplit(origin).netloc == headers.get(b"host", b"").decode("latin-1")
