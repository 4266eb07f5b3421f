"""Who may still listen: one look at the memberships per web process and few seconds, for all its sockets together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import Error

from services.models import Membership

logger = logging.getLogger(__name__)

EVERY = 2.0  # seconds


class Guest(NamedTuple):
    user: int
    environment: int


class Doorman:
    """Belongs to one event loop. He looks only while somebody is there."""

    def __init__(self) -> None:
        self._guests: dict[asyncio.Event, Guest] = {}
        self._round: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def watches(self, guest: Guest) -> AsyncIterator[asyncio.Event]:
        """An event that is set when the user is no longer an active member of the environment."""
        gone = asyncio.Event()
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
                welcome = await _members(set(looked_for.values()))
            except Error as error:
                logger.warning("Memberships could not be looked up: %s", error)
                continue
            for gone, guest in looked_for.items():
                if guest not in welcome:
                    gone.set()


def members(guests: set[Guest]) -> set[Guest]:
    """Those of the guests who are active members."""
    users, environments = {guest.user for guest in guests}, {guest.environment for guest in guests}
    rows = Membership.objects.filter(user__in=users, environment__in=environments, user__is_active=True)
    return guests & {Guest(*row) for row in rows.values_list("user_id", "environment_id")}


_members = database_sync_to_async(members, thread_sensitive=False)
_doormen: WeakKeyDictionary[Any, Doorman] = WeakKeyDictionary()


def doorman() -> Doorman:
    """The doorman of the running event loop."""
    return _doormen.setdefault(asyncio.get_running_loop(), Doorman())
