"""Who may still listen: one look at memberships and sessions per web process and few seconds, for all its sockets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from enum import Enum, auto
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import Error
from django.utils import timezone

from services.models import Membership

logger = logging.getLogger(__name__)

EVERY = 2.0  # seconds


class Guest(NamedTuple):
    """`session` is the key of the session with which the socket was opened."""

    user: int
    environment: int
    session: str


class Reason(Enum):
    NOT_A_MEMBER = auto()
    SESSION_OVER = auto()


class Doorman:
    """Belongs to one event loop. He looks only while somebody is there."""

    def __init__(self) -> None:
        self._guests: dict[asyncio.Future[Reason], Guest] = {}
        self._round: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def watches(self, guest: Guest) -> AsyncIterator[asyncio.Future[Reason]]:
        """Done when the user is no longer an active member of the environment, or no longer logged in."""
        gone = asyncio.get_running_loop().create_future()
        self._guests[gone] = guest
        self._round = self._round or asyncio.create_task(self._make_rounds(), name="doorman")
        try:
            yield gone
        finally:
            del self._guests[gone]
            if not self._guests and self._round:
                self._round.cancel()
                self._round = None

    async def _make_rounds(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            looked_for = dict(self._guests)
            try:
                unwelcome = await _unwelcome(set(looked_for.values()))
            except Error as error:
                logger.warning("Memberships and sessions could not be looked up: %s", error)
                continue
            for gone, guest in looked_for.items():
                if guest in unwelcome and not gone.done():
                    gone.set_result(unwelcome[guest])


def unwelcome(guests: set[Guest]) -> dict[Guest, Reason]:
    """Those of the guests who are no active members, or whose session is over."""
    memberships = Membership.objects.filter(
        user__in={guest.user for guest in guests},
        environment__in={guest.environment for guest in guests},
        user__is_active=True,
    )
    members = {(each.user_id, each.environment_id): each.user for each in memberships.select_related("user")}
    proofs = _proofs({guest.session for guest in guests})
    reasons = dict[Guest, Reason]()
    for guest in guests:
        user = members.get((guest.user, guest.environment))
        if user is None:
            reasons[guest] = Reason.NOT_A_MEMBER
        elif proofs.get(guest.session) != (str(user.pk), user.get_session_auth_hash()):
            reasons[guest] = Reason.SESSION_OVER
    return reasons


def _proofs(sessions: set[str]) -> dict[str, tuple[str, str]]:
    """Who is logged in by each session, and the proof that the password is still the same."""
    rows = Session.objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    logins = ((row.session_key, row.get_decoded()) for row in rows)
    return {key: (login.get(SESSION_KEY, ""), login.get(HASH_SESSION_KEY, "")) for key, login in logins}


_unwelcome = database_sync_to_async(unwelcome, thread_sensitive=False)
_doormen: WeakKeyDictionary[Any, Doorman] = WeakKeyDictionary()


def doorman() -> Doorman:
    """The doorman of the running event loop."""
    return _doormen.setdefault(asyncio.get_running_loop(), Doorman())
