"""The ledger of one release: write down, then do; undo, then strike off. Clean-up needs nothing but these rows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import IntegrityError, transaction
from django.utils import timezone

from releases.engine.base import Engine, EngineError
from releases.instances import note_removed
from releases.lastwords import PATIENCE, LastWords
from releases.models import Release, Resource, ResourceKind, Status
from releases.proxy.base import Proxy, ProxyError

logger = logging.getLogger(__name__)

FAILED_GRACE = 3.0  # seconds between SIGTERM and SIGKILL for instances that never served
AT_ONCE = 20  # instances that are stopped at the same time


class NoFreeSlot(Exception):
    """Every slot of the proxy holds a release."""


class Ledger:
    def __init__(self, release: Release, engine: Engine, proxy: Proxy) -> None:
        self.release = release
        self._engine = engine
        self._proxy = proxy

    def note(self, kind: ResourceKind, name: str) -> None:
        """Call before the thing is made."""
        Resource.objects.get_or_create(release=self.release, kind=kind, name=name)

    def strike(self, kind: ResourceKind, name: str) -> None:
        """Call when the thing is gone, or belongs to something else now: an image to its artifact."""
        self.release.resources.filter(kind=kind, name=name).update(removed_at=timezone.now())

    def take_slot(self) -> int:
        """The lowest free slot of the proxy, written down. Raises NoFreeSlot."""
        for _ in range(20):
            taken = set(Release.objects.filter(slot__isnull=False).values_list("slot", flat=True))
            free = next((number for number in range(self._proxy.slots) if number not in taken), None)
            if free is None:
                break
            try:
                with transaction.atomic():
                    Release.objects.filter(pk=self.release.pk).update(slot=free)
                    self.note(ResourceKind.SLOT, str(free))
            except IntegrityError:
                continue  # another release took it in this moment
            self.release.slot = free
            return free
        raise NoFreeSlot

    def undo(self, grace: float = FAILED_GRACE, words: LastWords | None = None) -> list[str]:
        """Remove what still stands, newest first; the names of what was removed. What fails stays for the sweep.

        All instances have the same `grace`, in seconds. `words`: how long what they printed last is waited for.
        """
        removed = self._strike_off(ResourceKind.SLOT, lambda name: self._free_slot(int(name)))
        if self._standing(ResourceKind.SLOT):
            return removed  # visitors may still come here: its instances go after the route does
        stops = self._stop_together(grace)
        waiting = words or LastWords(PATIENCE)
        removed += self._strike_off(ResourceKind.INSTANCE, lambda name: self._remove(name, stops[name], waiting))
        return removed + self._strike_off(ResourceKind.IMAGE, self._engine.remove_image)

    def _standing(self, kind: ResourceKind) -> list[Resource]:
        return list(self.release.resources.standing().filter(kind=kind))

    def _strike_off(self, kind: ResourceKind, remove: Callable[[str], None]) -> list[str]:
        removed = []
        for row in self._standing(kind):
            try:
                remove(row.name)
            except (EngineError, ProxyError) as error:
                logger.warning("%s of %s could not be removed yet: %s", row, self.release, error)
                continue
            self.strike(kind, row.name)
            removed.append(str(row))
        return removed

    def _stop_together(self, grace: float) -> dict[str, Future[None]]:
        """By name, all ended: one that takes its whole grace does not let the others wait for theirs."""
        with ThreadPoolExecutor(AT_ONCE, "stop") as pool:
            rows = self._standing(ResourceKind.INSTANCE)
            return {row.name: pool.submit(self._engine.stop, row.name, grace) for row in rows}

    def _remove(self, name: str, stop: Future[None], words: LastWords) -> None:
        stop.result()
        words.wait(self._engine, self.release, name)
        self._engine.remove(name)
        note_removed(self.release, name)

    def _free_slot(self, slot: int) -> None:
        """Traffic that still goes to the slot is given to the live release first.

        A clean-up that was interrupted after it gave the slot back finds it with another release, and leaves it there.
        """
        if not Release.objects.filter(pk=self.release.pk, slot=slot).exists():
            return
        host = self.release.service.host
        if self._proxy.table().hosts.get(host) == slot:
            live = Release.objects.filter(service=self.release.service, status=Status.LIVE).first()
            if live is not None and live.slot is not None and live.slot != slot:
                self._proxy.point(host, live.slot)
            else:
                self._proxy.forget(host)
        self._proxy.empty(slot)
        Release.objects.filter(pk=self.release.pk, slot=slot).update(slot=None)
        self.release.slot = None
