"""The figures for an operator's Prometheus, and who may read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from releases.metrics.spans import floor
from releases.models import InstanceUsage, Measurement, Proof, Status
from services.models import Service
from services.settings import Variable
from tests.conftest import LoggedIn
from tests.factories import Cast, make_release, make_service

TOKEN = "a-token-of-an-operator"


@pytest.fixture
def operator_client(cast: Cast, logged_in: LoggedIn) -> Client:
    return logged_in(cast.operator)


def figures(client: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """Value by name and the values of the labels."""
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    return {
        (sample.name, tuple(sample.labels.values())): sample.value for family in families for sample in family.samples
    }


def measured(service: Service) -> None:
    now = timezone.now()
    at = floor(now, 10) - timedelta(seconds=10)
    Measurement.objects.create(service=service, width=10, at=at, looks=1, requests=50, errors=5, seconds=0.125)
    Measurement.objects.create(service=service, width=10, at=at - timedelta(seconds=10), looks=1, requests=999)
    InstanceUsage.objects.create(
        service=service, name="shop-1-1", state="running", restarts=2, started_at=now, cpu=0.5, memory_mb=1.5,
        memory_limit_mb=256, measured_at=now,
    )  # fmt: skip


def test_releases_queues_and_durations(cast: Cast, operator_client: Client) -> None:
    service = make_service(cast.environment)
    region = cast.environment.region.name
    make_release(service)
    make_release(service, Status.FAILED)
    make_release(service, Status.QUEUED)
    found = figures(operator_client)
    assert found["kintohub_releases", ("live",)] == found["kintohub_releases", ("failed",)] == 1
    assert found["kintohub_releases", ("aborted",)] == 0
    assert found["kintohub_queue_releases", (region,)] == 1
    assert 300 <= found["kintohub_queue_oldest_seconds", (region,)] < 360
    assert found["kintohub_deploys_recent", ()] == 1
    assert found["kintohub_deploy_average_seconds", ()] == found["kintohub_deploy_longest_seconds", ()] == 60


def test_what_services_use_and_their_visitors_get(cast: Cast, operator_client: Client) -> None:
    measured(make_service(cast.environment, "shop"))
    found = figures(operator_client)
    service = (cast.environment.code, "shop")
    assert found["kintohub_service_requests_per_second", service] == 5
    assert found["kintohub_service_errors_per_second", service] == 0.5
    assert found["kintohub_service_response_seconds", service] == 0.125
    instance = (cast.environment.code, "shop-1-1", "shop")  # by the names of the labels
    assert found["kintohub_instance_cpu_cores", instance] == 0.5
    assert found["kintohub_instance_memory_bytes", instance] == 1.5 * 1024 * 1024
    assert found["kintohub_instance_memory_limit_bytes", instance] == 256 * 1024 * 1024
    assert found["kintohub_instance_restarts", instance] == 2
    assert found["kintohub_instance_running", instance] == 1


def test_old_figures_are_left_out(cast: Cast, operator_client: Client) -> None:
    measured(make_service(cast.environment, "shop"))
    InstanceUsage.objects.update(measured_at=timezone.now() - timedelta(minutes=2))
    Measurement.objects.all().delete()
    assert not [name for name, _ in figures(operator_client) if name.startswith(("kintohub_inst", "kintohub_serv"))]


def test_proofs_and_the_process(cast: Cast, operator_client: Client) -> None:
    now = timezone.now()
    release = make_release(make_service(cast.environment))
    Proof.objects.create(release=release, previous=1, started_at=now, switched_at=now, requests=60, failed=2)
    found = figures(operator_client)
    assert found["kintohub_proof_requests_total", ()] == 60
    assert found["kintohub_proof_requests_failed_total", ()] == 2
    assert found["process_resident_memory_bytes", ()] > 1_000_000


def test_no_secret_is_in_it(cast: Cast, operator_client: Client) -> None:
    make_release(make_service(cast.environment, variables=[Variable("KEY", "a-hidden-value")]))
    page = operator_client.get("/metrics").content.decode()
    assert "hidden" not in page and "KEY" not in page


def test_only_operators_learn_that_it_exists(
    cast: Cast, logged_in: LoggedIn, operator_client: Client, anonymous_client: Client
) -> None:
    assert operator_client.get("/metrics").status_code == 200
    for user in (*cast.members, cast.stranger):
        assert logged_in(user).get("/metrics").status_code == 404
    assert anonymous_client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
        (f"Basic {TOKEN}", 404),
        ("Bearer wrong", 404),
        ("Bearer ä", 404),
        ("Bearer", 404),
        (TOKEN, 404),
    ],
)
def test_the_token_opens_it(db: None, settings: Any, anonymous_client: Client, header: str, status: int) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert anonymous_client.get("/metrics", headers={"Authorization": header}).status_code == status


def test_without_a_token_none_fits(db: None, anonymous_client: Client) -> None:
    assert anonymous_client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
