"""Switch: one command moves the route; then the route itself is asked and must answer from the new release."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from releases.instances import slot_of
from releases.lease import Stop, Stopped
from releases.ledger import NoFreeSlot
from releases.models import Release, Status
from releases.models.release import WrongStatus
from releases.proxy.base import ProxyError
from releases.stages.base import Context, StageFailed, wait_until

VERIFY = 15.0  # seconds, enough for three slow answers: the public address has to answer from the new release
PATIENCE = 10.0  # seconds; a supervised proxy is back in about one


def switch(context: Context) -> None:
    release = context.release
    slot = _prepare_slot(context)
    context.lease.check()
    previous = Release.objects.live().filter(service=release.service).first()
    try:
        _patiently(context, lambda: context.proxy.point(release.service.host, slot))
        _verify(context)
        _make_live(release, previous)
    except Exception:
        _switch_back(context, previous)
        raise
    context.say(f"{release.service.address} answers from release #{release.number}.")


def _prepare_slot(context: Context) -> int:
    release = context.release
    try:
        number = context.ledger.take_slot()
    except NoFreeSlot as error:
        raise StageFailed("The proxy has no free slot. An operator can raise KINTOHUB_PROXY_SLOTS.") from error
    _patiently(context, lambda: context.proxy.fill(slot_of(release, number)))
    return number


def _patiently(context: Context, call: Callable[[], None]) -> None:
    """A proxy that is being restarted is back in a moment; its calls may be repeated. Raises ProxyError at the end."""
    failures: list[ProxyError] = []

    def done() -> bool:
        try:
            call()
        except ProxyError as error:
            if not error.retryable:
                raise
            failures.append(error)
            return False
        return True

    if not wait_until(done, seconds=PATIENCE, pause=lambda _: 0.2, lease=context.lease):
        raise failures[-1]


def _verify(context: Context) -> None:
    release = context.release
    host, expected = release.service.host, str(release.pk)
    if not wait_until(
        lambda: context.proxy.ask(host).release == expected, seconds=VERIFY, pause=lambda _: 0.02, lease=context.lease
    ):
        raise StageFailed(f"{release.service.address} did not answer from the new release within {VERIFY:.0f} seconds.")


def _make_live(release: Release, previous: Release | None) -> None:
    """The point of no return, in one transaction. An abort that came first wins: WrongStatus becomes Stopped."""
    now = timezone.now()
    try:
        with transaction.atomic():
            if previous is not None:
                previous.transition(Status.LIVE, Status.RETIRED, retired_at=now)
            for suspended in Release.objects.filter(service=release.service, status=Status.SUSPENDED):
                suspended.transition(Status.SUSPENDED, Status.RETIRED)
            release.transition(Status.DEPLOYING, Status.LIVE, live_at=now, finished_at=now)
    except WrongStatus as error:
        raise Stopped(_why(release)) from error


def _why(release: Release) -> Stop:
    release.refresh_from_db(fields=["abort_requested_at"])
    return Stop.ABORT if release.abort_requested_at else Stop.LOST


def _switch_back(context: Context, previous: Release | None) -> None:
    host = context.release.service.host
    if previous is not None and previous.slot is not None:
        context.proxy.point(host, previous.slot)
        context.say(f"Traffic is back on release #{previous.number}.")
    else:
        context.proxy.forget(host)
