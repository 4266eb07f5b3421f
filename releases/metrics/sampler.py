"""Looks at everything every ten seconds: what instances use at the engine, what visitors got at the proxy."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, close_old_connections, transaction

from releases.engine.base import Engine, EngineError
from releases.metrics.rolling import roll
from releases.metrics.spans import SAMPLE, floor
from releases.metrics.using import Meter, Used
from releases.metrics.visits import Counter, Visits
from releases.models import InstanceUsage, Measurement, Release
from releases.proxy.base import Proxy, ProxyError, Served
from services.models import Service

logger = logging.getLogger(__name__)

SPAN = timedelta(seconds=SAMPLE)  # a sample tells of the span that has just ended
PAUSE = 0.25  # seconds; how late `stopping` may be seen


def run(engine: Engine, proxy: Proxy, stopping: Callable[[], bool]) -> None:
    """Until `stopping`, which is asked several times a second. Nothing that fails ends it; what was missed is a gap."""
    sampler = Sampler(engine, proxy)
    while not stopping():
        due = (int(time.time()) // SAMPLE + 1) * SAMPLE
        while time.time() < due and not stopping():
            time.sleep(PAUSE)
        if not stopping():
            _try(sampler)


def _try(sampler: Sampler) -> None:
    close_old_connections()
    try:
        sampler.sample(datetime.now(UTC))
    except DatabaseError as error:
        logger.warning("A sample could not be kept: %s", error)
    finally:
        close_old_connections()


class Sampler:
    """Keeps the counters of the last sample, to tell what came since."""

    def __init__(self, engine: Engine, proxy: Proxy) -> None:
        self._engine = engine
        self._proxy = proxy
        self._meter = Meter()
        self._counter = Counter()
        self._rolled: datetime | None = None

    def sample(self, now: datetime) -> None:
        """Bounded by the limits of three calls, some 20 s, and kept in one short transaction."""
        served, visits = self._visits(now.timestamp())
        used = self._used(now.timestamp())
        services = set(Service.objects.values_list("pk", flat=True))
        with transaction.atomic():
            _keep_measurements(_measurements(used or [], visits, floor(now - SPAN, SAMPLE)), services)
            if used is not None:
                _keep_usage(_usage(used, _answering(served), now), services)
        if self._rolled != (minute := floor(now, 60)):
            roll(now)
            self._rolled = minute

    def _used(self, now: float) -> list[Used] | None:
        try:
            return self._meter.look(self._engine.usage(), now)
        except EngineError as error:
            logger.warning("The engine did not tell what instances use: %s", error)
            return None

    def _visits(self, now: float) -> tuple[dict[int, Served], dict[int, Visits] | None]:
        try:
            served = self._proxy.served()
            return served, self._counter.look(self._proxy, served, now)
        except ProxyError as error:
            logger.warning("The proxy did not tell what visitors got: %s", error)
            self._counter.forget()
            return {}, None


def _measurements(used: list[Used], visits: Mapping[int, Visits] | None, at: datetime) -> list[Measurement]:
    by_service: dict[int, list[Used]] = defaultdict(list)
    for each in used:
        if service := each.usage.instance.labels.service:
            by_service[int(service)].append(each)
    return [
        _measurement(service, by_service[service], (visits or {}).get(service), at)
        for service in {*by_service, *(visits or {})}
    ]


def _measurement(service: int, used: list[Used], visits: Visits | None, at: datetime) -> Measurement:
    cores = [each.cpu for each in used if each.cpu is not None]
    memory = [each.usage.memory_mb for each in used if each.usage.memory_mb is not None]
    return Measurement(
        service_id=service,
        width=SAMPLE,
        at=at,
        cpu=sum(cores) if cores else None,
        memory_mb=max(memory, default=None),
        memory_limit_mb=max((each.usage.memory_limit_mb for each in used), default=0) or None,
        restarts=sum(each.restarts for each in used),
        looks=0 if visits is None else 1,
        requests=visits.requests if visits else None,
        errors=visits.errors if visits else None,
        seconds=visits.seconds if visits else None,
    )


def _keep_measurements(rows: list[Measurement], services: set[int]) -> None:
    """A service may have been deleted meanwhile."""
    kept = [row for row in rows if row.service_id in services]
    Measurement.objects.bulk_create(kept, batch_size=500, ignore_conflicts=True)


def _answering(served: Mapping[int, Served]) -> dict[tuple[str, str], bool]:
    """Of each instance, by release and index, whether it passed the proxy's last check."""
    slots = dict(Release.objects.exclude(slot=None).values_list("slot", "pk"))
    return {
        (str(slots[number]), target.removeprefix("i")): fine
        for number, slot in served.items()
        if number in slots
        for target, fine in slot.answering.items()
    }


def _usage(used: list[Used], answering: Mapping[tuple[str, str], bool], now: datetime) -> list[InstanceUsage]:
    return [_row(each, answering, now) for each in used if each.usage.instance.labels.service]


def _row(used: Used, answering: Mapping[tuple[str, str], bool], now: datetime) -> InstanceUsage:
    instance, usage = used.usage.instance, used.usage
    return InstanceUsage(
        service_id=int(instance.labels.service),
        name=instance.name,
        state=instance.state.value,
        restarts=instance.restarts,
        started_at=datetime.fromtimestamp(usage.started, UTC),
        cpu=used.cpu,
        memory_mb=usage.memory_mb,
        memory_limit_mb=usage.memory_limit_mb,
        answering=answering.get((instance.labels.release, instance.labels.instance)),
        measured_at=now,
    )


def _keep_usage(rows: list[InstanceUsage], services: set[int]) -> None:
    InstanceUsage.objects.all().delete()
    InstanceUsage.objects.bulk_create([row for row in rows if row.service_id in services], batch_size=500)
