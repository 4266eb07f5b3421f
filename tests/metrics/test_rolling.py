"""Longer spans of shorter ones, and their bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from releases.metrics.rolling import roll
from releases.metrics.spans import KEPT
from releases.models import Measurement
from services.models import Service
from tests.factories import make_service

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def service() -> Service:
    return make_service()


def measure(service: Service, offset: float, width: int = 10, **fields: Any) -> Measurement:
    at = START + timedelta(seconds=offset)
    return Measurement.objects.create(service=service, width=width, at=at, **fields)


def test_a_minute_of_samples(service: Service) -> None:
    measure(service, 0, cpu=0.2, memory_mb=50, memory_limit_mb=64, requests=3, errors=1, seconds=0.1, looks=1)
    measure(service, 10, cpu=0.4, memory_mb=60, memory_limit_mb=64, requests=1, errors=0, seconds=0.5, looks=1)
    measure(service, 50, restarts=2)
    measure(service, 60, cpu=1.0)
    roll(START + timedelta(seconds=65))
    minute = Measurement.objects.get(width=60)
    assert (minute.at, minute.service) == (START, service)
    assert minute.cpu == pytest.approx(0.3)
    assert (minute.memory_mb, minute.memory_limit_mb, minute.restarts, minute.looks) == (60, 64, 2, 2)
    assert (minute.requests, minute.errors) == (4, 1)
    assert minute.seconds == pytest.approx(0.2)


def test_what_nobody_measured_stays_unknown(service: Service) -> None:
    measure(service, 0)
    roll(START + timedelta(seconds=60))
    minute = Measurement.objects.get(width=60)
    assert (minute.cpu, minute.memory_mb, minute.requests, minute.seconds, minute.looks) == (None, None, None, None, 0)


def test_a_gap_stays_a_gap_and_twice_is_once(service: Service) -> None:
    other = make_service()
    for seconds in (0, 300):
        measure(service, seconds, cpu=1.0)
        measure(other, seconds, cpu=2.0)
    for _ in range(2):
        roll(START + timedelta(seconds=400))
    made = Measurement.objects.filter(width=60, service=service).order_by("at")
    assert [(row.at - START).seconds for row in made] == [0, 300]
    assert Measurement.objects.filter(width=60).count() == 4


def test_minutes_become_quarters_of_an_hour(service: Service) -> None:
    for minute in range(16):
        measure(service, 60 * minute, 60, cpu=minute, requests=2, looks=6)
    roll(START + timedelta(minutes=16))
    quarter = Measurement.objects.get(width=900)
    assert (quarter.at, quarter.cpu, quarter.requests, quarter.looks) == (START, 7, 30, 90)


def test_what_is_too_old_goes(service: Service) -> None:
    now = START + timedelta(days=8)
    for kept in KEPT:
        for age in (kept.age - timedelta(seconds=1), kept.age + timedelta(seconds=1)):
            Measurement.objects.create(service=service, width=kept.width, at=now - age)
    roll(now)
    for kept in KEPT:
        assert not Measurement.objects.filter(width=kept.width, at__lt=now - kept.age).exists()
        assert Measurement.objects.filter(width=kept.width).exists()


def test_a_run_is_bounded_and_the_next_goes_on(service: Service) -> None:
    for sample in range(24):
        measure(service, 10 * sample, cpu=1.0, looks=1)
    for _ in range(6):
        roll(START + timedelta(minutes=4), most=10)
    assert [row.looks for row in Measurement.objects.filter(width=60).order_by("at")] == [6, 6, 6, 6]
