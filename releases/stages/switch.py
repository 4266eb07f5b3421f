"""Switch: one command moves the route; then the route itself is asked and must answer from the new release."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from releases.answers import begin_to_count
from releases.instances import slot_of
from releases.lease import Stop, Stopped
from releases.ledger import NoFreeSlot
from releases.models import Release, Status
from releases.models.release import WrongStatus
from releases.stages.base import Context, StageFailed, patiently, unless_stopped, wait_until

VERIFY = 15.0  # seconds, enough for three slow answers: the public address has to answer from the new release


def switch(context: Context) -> None:
    release = context.release
    slot = _prepare_slot(context)
    _prove(context, slot)
    patiently(lambda: begin_to_count(context.proxy, release), context.lease)
    context.lease.check()
    if context.prober is not None:
        context.prober.switched()
    try:
        patiently(lambda: context.proxy.point(release.service.host, slot), context.lease)
        _verify(context)
        context.replaced = _make_live(release)
    except Exception:
        _switch_back(context)
        raise
    context.say(f"{release.service.address} answers from release #{release.number}.")


def _prepare_slot(context: Context) -> int:
    release = context.release
    try:
        number = context.ledger.take_slot()
    except NoFreeSlot as error:
        raise StageFailed("The proxy has no free slot. An operator can raise KINTOHUB_PROXY_SLOTS.") from error
    patiently(lambda: context.proxy.fill(slot_of(release, number)), context.lease)
    return number


def _prove(context: Context, slot: int) -> None:
    """The new release answers requests on the way that visitors will take, each instance in its turn.

    An open port alone does not tell that: the system accepts connections before the program does.
    """
    release, settings = context.release, context.settings
    host, path, expected = release.service.host, settings.health_path or "/", str(release.pk)

    def answers() -> bool:
        answer = unless_stopped(lambda: context.proxy.ask_slot(slot, host, path), context.lease)
        if answer.release == expected:
            return True
        context.look_at_instances()
        return False

    for _ in range(settings.instances):
        if not wait_until(
            answers,
            seconds=settings.deploy_timeout,
            pause=lambda _: 0.02,
            lease=context.lease,
        ):
            raise StageFailed(
                f"The new release accepts connections, but did not answer GET {path} through the proxy within "
                f"{settings.deploy_timeout} seconds."
            )


def _verify(context: Context) -> None:
    release = context.release
    host, expected = release.service.host, str(release.pk)

    def answers() -> bool:
        return unless_stopped(lambda: context.proxy.ask(host), context.lease).release == expected

    if not wait_until(answers, seconds=VERIFY, pause=lambda _: 0.02, lease=context.lease):
        raise StageFailed(f"{release.service.address} did not answer from the new release within {VERIFY:.0f} seconds.")


def _make_live(release: Release) -> Release | None:
    """The point of no return, in one transaction; returns the release that was replaced.

    An abort that came first wins: WrongStatus becomes Stopped.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            previous = _live_now(release)
            if previous is not None:
                previous.transition(Status.LIVE, Status.RETIRED, retired_at=now)
            for suspended in Release.objects.filter(service=release.service, status=Status.SUSPENDED):
                suspended.transition(Status.SUSPENDED, Status.RETIRED)
            release.transition(Status.DEPLOYING, Status.LIVE, live_at=now, finished_at=now)
    except WrongStatus as error:
        raise Stopped(_why(release)) from error
    return previous


def _live_now(release: Release) -> Release | None:
    return Release.objects.live().filter(service=release.service).select_related("service").first()


def _why(release: Release) -> Stop:
    release.refresh_from_db(fields=["abort_requested_at"])
    return Stop.ABORT if release.abort_requested_at else Stop.LOST


def _switch_back(context: Context) -> None:
    host, live = context.release.service.host, _live_now(context.release)
    if live is not None and live.slot is not None:
        context.proxy.point(host, live.slot)
        context.say(f"Traffic is back on release #{live.number}.")
    else:
        context.proxy.forget(host)
