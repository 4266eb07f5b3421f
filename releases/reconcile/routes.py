"""What the proxy holds, against what the database says: single changes, because a deploy may be switching meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from releases.engine.base import Engine
from releases.instances import slot_of
from releases.ledger import Ledger
from releases.models import Release
from releases.proxy.base import Proxy, ProxyRejected, Slot, Table
from releases.reconcile import current
from releases.reconcile.finding import Finding
from services.models import Service


def routes(engine: Engine, proxy: Proxy) -> Iterator[Finding]:
    """Raises ProxyError."""
    held = proxy.table()
    for release in current.live_releases():
        if problem := _problem(release, held):
            yield Finding(
                subject=current.name(release),
                problem=problem,
                remedy="It was put right.",
                repair=partial(_route, engine, proxy, release),
            )
    yield from _strange_hosts(proxy, held)
    yield from _strange_slots(proxy, held)


def _problem(release: Release, held: Table) -> str | None:
    label, host = f"release #{release.number}", release.service.host
    if release.slot is None:
        return f"The proxy had no place for {label}."
    wanted = slot_of(release, release.slot)
    if _held(held, release.slot) != (wanted if wanted.targets else None):
        return f"The proxy did not hold the instances of {label}."
    to = held.hosts.get(host)
    if wanted.targets and to != release.slot and not current.switching(release.service):
        return f"{host} went {'nowhere' if to is None else f'to slot {to}'}, not to {label}."
    return None


def _held(held: Table, number: int) -> Slot | None:
    return next((slot for slot in held.slots if slot.number == number), None)


def _route(engine: Engine, proxy: Proxy, release: Release) -> bool:
    live = current.still_live(release)
    if live is None:
        return False
    number = live.slot if live.slot is not None else Ledger(live, engine, proxy).take_slot()
    held = proxy.table()
    if not _problem(live, held):
        return False
    slot = slot_of(live, number)
    for host in _misled(held, slot):
        proxy.forget(host)
    proxy.fill(slot)
    if slot.targets and not current.switching(live.service):
        proxy.point(live.service.host, number)
    _give_back(proxy, live, number)
    return True


def _misled(held: Table, slot: Slot) -> list[str]:
    """Hosts that go to the slot while it holds a stranger: their visitors meet the wrong service."""
    before = _held(held, slot.number)
    if before is None or before.release == slot.release:
        return []
    return [host for host, number in held.hosts.items() if number == slot.number]


def _give_back(proxy: Proxy, release: Release, number: int) -> None:
    """A deploy may have switched while we wrote: whoever owns the route and the slot by now gets them."""
    holder = current.holder(release.service)
    if holder != release:
        _point(proxy, release.service.host, holder)
    owner = Release.objects.filter(slot=number).first()
    if owner != release:
        _refill(proxy, number, owner)


def _point(proxy: Proxy, host: str, holder: Release | None) -> None:
    if holder is None or holder.slot is None:
        proxy.forget(host)
        return
    try:
        proxy.point(host, holder.slot)
    except ProxyRejected:
        # Its worker has not filled the slot yet, and points the host there itself when it has.
        return


def _refill(proxy: Proxy, number: int, owner: Release | None) -> None:
    if owner is None:
        proxy.empty(number)
    else:
        proxy.fill(slot_of(owner, number))


def _strange_hosts(proxy: Proxy, held: Table) -> Iterator[Finding]:
    services = {service.host: service for service in Service.objects.filter(host__in=held.hosts)}
    for host in held.hosts:
        service = services.get(host)
        if service is None or current.holder(service) is None:
            yield Finding(host, "It was routed, but nothing is live there.", "The route was removed.",
                          partial(_forget, proxy, host))  # fmt: skip


def _forget(proxy: Proxy, host: str) -> bool:
    service = Service.objects.filter(host=host).first()
    if service is not None and current.holder(service) is not None:
        return False
    proxy.forget(host)
    if service is not None and (holder := current.holder(service)):
        _point(proxy, host, holder)
    return True


def _strange_slots(proxy: Proxy, held: Table) -> Iterator[Finding]:
    owned = set(Release.objects.filter(slot__isnull=False).values_list("slot", flat=True))
    for slot in held.slots:
        if slot.number not in owned:
            yield Finding(f"slot {slot.number}", f"It was filled for release {slot.release}, which has left it.",
                          "It was emptied.", partial(_empty, proxy, slot.number))  # fmt: skip


def _empty(proxy: Proxy, number: int) -> bool:
    if Release.objects.filter(slot=number).exists():
        return False
    proxy.empty(number)
    if owner := Release.objects.filter(slot=number).first():
        _refill(proxy, number, owner)
    return True
