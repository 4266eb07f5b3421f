"""What the worker runs. Messages are hints: each may be lost, late or repeated without harm."""

from __future__ import annotations

import logging
import os
import socket
import threading
from functools import partial

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from kombu.exceptions import OperationalError

from kintohub.celery import app
from releases import lease, pipeline, platform, queue, removal, retention
from releases import reconcile as reconciling
from releases import sweep as sweeping
from releases.baseimages.availability import refresh_availability
from releases.engine.base import EngineError
from releases.logs.keeping import keep_consoles
from services.models import Region, Service

logger = logging.getLogger(__name__)
proxy_watch = reconciling.Watch()


def worker_name() -> str:
    """Unique among everything that may hold a lease."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


@app.task
def work(region_id: int) -> int:
    """Deploy what waits in the region, one release after the other, until nothing may start. Returns how many."""
    region = Region.objects.get(pk=region_id)
    done = 0
    while not lease.is_shutting_down() and (release := queue.claim(region, worker_name())):
        pipeline.run(release, when_live=partial(_wake, region_id))
        done += 1
    return done


def _wake(region_id: int) -> None:
    """A slot is free: whoever waits for it need not wait for the next sweep."""
    try:
        work.delay(region_id)
    except OperationalError:
        logger.warning("The next release could not be woken; the sweep does it.")


@app.task
def sweep() -> None:
    _log(proxy_watch.look())
    sweeping.end_lost(worker_name())
    for region_id in sweeping.regions_with_work():
        work.delay(region_id)
    sweeping.remove_left_behind()  # which may wait for the agent
    for service in Service.objects.exclude(deleting_at=None):
        removal.remove_service(service)


@app.task
def remove_service(service_id: int) -> None:
    service = Service.objects.filter(pk=service_id).exclude(deleting_at=None).first()
    if service is not None:
        removal.remove_service(service)


@app.task
def reconcile() -> None:
    """Make engine and proxy what the database says. A run that is under way does it for this one."""
    try:
        found = reconciling.reconcile(apply=True)
    except reconciling.Busy:
        return
    _log(found)


def _log(found: list[reconciling.Finding]) -> None:
    for finding in found:
        logger.info("Reconcile: %s: %s %s (%s)", finding.subject, finding.problem, finding.remedy, finding.outcome)


@app.task
def prune() -> None:
    retention.prune(platform.engine())
    keep_consoles(settings.CONSOLE_LINES, settings.CONSOLE_DAYS)


@app.task
def check_base_images() -> None:
    try:
        refresh_availability()
    except EngineError as error:
        logger.warning("Base images could not be looked at: %s", error)


@worker_ready.connect
def repair_after_start(**_: object) -> None:
    """After a reboot or a crash, what was live serves again as soon as the worker is there."""
    reconcile.delay()
    check_base_images.delay()


@worker_shutting_down.connect
def stop_leases(**_: object) -> None:
    """A stopped worker ends its releases in seconds, with a reason, instead of leaving them to the sweep."""
    lease.shut_down()
