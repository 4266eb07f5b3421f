"""Figures for the operator's Prometheus, in its text format. Read from the database when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Max, Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from releases.metrics.spans import KEPT
from releases.models import InstanceUsage, Measurement, Proof, Release, Status
from services.models import Region

FRESH = timedelta(seconds=60)  # older figures are left out: Prometheus then shows a gap
RECENT = timedelta(hours=24)
SERVICE = ("environment", "service")
OF_SERVICE = ("service__environment__code", "service__name")


def text() -> bytes:
    """Everything, with what this web process takes. Some ten queries, however much there is."""
    registry = CollectorRegistry()
    registry.register(Platform())
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return generate_latest(registry)


class Platform(Collector):
    def collect(self) -> Iterable[Metric]:
        now = timezone.now()
        yield _releases()
        yield from _queues(now)
        yield from _durations(now)
        yield from _proofs()
        yield from _instances(now)
        yield from _services(now)


def _releases() -> Metric:
    """Every status is there, also with none."""
    counts = dict(Release.objects.order_by().values_list("status").annotate(count=Count("pk")))
    metric = GaugeMetricFamily("kintohub_releases", "Releases by status.", labels=["status"])
    for status in Status:
        metric.add_metric([status.value], counts.get(status.value, 0))
    return metric


def _queues(now: datetime) -> Iterator[Metric]:
    waiting = Release.objects.filter(status=Status.QUEUED).order_by().values("region")
    found = {row["region"]: row for row in waiting.annotate(count=Count("pk"), oldest=Min("queued_at"))}
    length = GaugeMetricFamily("kintohub_queue_releases", "Releases that wait in a region.", labels=["region"])
    oldest = GaugeMetricFamily("kintohub_queue_oldest_seconds", "How long the oldest has waited.", labels=["region"])
    for region in Region.objects.order_by("name"):
        row = found.get(region.pk)
        length.add_metric([region.name], row["count"] if row else 0)
        oldest.add_metric([region.name], (now - row["oldest"]).total_seconds() if row else 0)
    yield from (length, oldest)


def _durations(now: datetime) -> Iterator[Metric]:
    """From the claim of a release until it was live."""
    took = ExpressionWrapper(F("live_at") - F("started_at"), output_field=DurationField())
    recent = Release.objects.filter(live_at__gt=now - RECENT, started_at__isnull=False).order_by()
    row = recent.aggregate(count=Count("pk"), average=Avg(took), longest=Max(took))
    help_text = "From its start until a release was live, over the last 24 hours: {}."
    for name in ("average", "longest"):
        seconds = row[name].total_seconds() if row[name] is not None else 0.0
        yield GaugeMetricFamily(f"kintohub_deploy_{name}_seconds", help_text.format(name), value=seconds)
    yield GaugeMetricFamily("kintohub_deploys_recent", "Releases that went live in the last 24 hours.", row["count"])


def _proofs() -> Iterator[Metric]:
    row = Proof.objects.aggregate(requests=Sum("requests"), failed=Sum("failed"))
    sent, failed = row["requests"] or 0, row["failed"] or 0
    yield CounterMetricFamily("kintohub_proof_requests", "Requests that the prober sent during switches.", sent)
    yield CounterMetricFamily("kintohub_proof_requests_failed", "Those that no release answered completely.", failed)


def _instances(now: datetime) -> Iterator[Metric]:
    labels = [*SERVICE, "instance"]
    cpu = GaugeMetricFamily("kintohub_instance_cpu_cores", "Cores in use.", labels=labels)
    memory = GaugeMetricFamily("kintohub_instance_memory_bytes", "Working set.", labels=labels)
    limit = GaugeMetricFamily("kintohub_instance_memory_limit_bytes", "Memory limit.", labels=labels)
    restarts = GaugeMetricFamily("kintohub_instance_restarts", "Restarts since it was made.", labels=labels)
    running = GaugeMetricFamily("kintohub_instance_running", "1 while it runs.", labels=labels)
    fields = ("name", "state", "cpu", "memory_mb", "memory_limit_mb", "restarts")
    rows = InstanceUsage.objects.filter(measured_at__gt=now - FRESH).order_by("name")
    for environment, service, name, state, *values in rows.values_list(*OF_SERVICE, *fields):
        place = [environment, service, name]
        _add(cpu, place, values[0])
        _add(memory, place, values[1], 1024 * 1024)
        _add(limit, place, values[2], 1024 * 1024)
        _add(restarts, place, values[3])
        _add(running, place, int(state == "running"))
    yield from (cpu, memory, limit, restarts, running)


def _services(now: datetime) -> Iterator[Metric]:
    """The last ten seconds that were measured."""
    requests = GaugeMetricFamily("kintohub_service_requests_per_second", "Answers to visitors.", labels=SERVICE)
    errors = GaugeMetricFamily("kintohub_service_errors_per_second", "Those that were errors.", labels=SERVICE)
    seconds = GaugeMetricFamily("kintohub_service_response_seconds", "Until an answer began, average.", labels=SERVICE)
    recent = Measurement.objects.filter(width=KEPT[0].width, at__gt=now - FRESH)
    newest = recent.order_by().aggregate(at=Max("at"))["at"]
    rows = recent.filter(at=newest).order_by("pk")
    for environment, service, *values in rows.values_list(*OF_SERVICE, "requests", "errors", "seconds"):
        _add(requests, [environment, service], values[0], 1 / KEPT[0].width)
        _add(errors, [environment, service], values[1], 1 / KEPT[0].width)
        _add(seconds, [environment, service], values[2])
    yield from (requests, errors, seconds)


def _add(metric: GaugeMetricFamily, place: list[str], value: float | None, factor: float = 1) -> None:
    """What is not known is left out."""
    if value is not None:
        metric.add_metric(place, value * factor)
