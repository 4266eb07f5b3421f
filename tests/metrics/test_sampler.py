"""A sample of everything, on an engine and a proxy in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from releases.answers import begin_to_count
from releases.engine.memory import MemoryEngine
from releases.instances import name_of, request_of
from releases.metrics.sampler import Sampler, run
from releases.models import InstanceUsage, Measurement, Release
from releases.proxy.base import Slot, Target
from releases.proxy.memory import MemoryProxy
from tests.engine.rigs import ignore, never
from tests.factories import make_release, make_service

pytestmark = pytest.mark.django_db

START = datetime(2030, 1, 1, 12, 0, 2, tzinfo=UTC)


class Stage:
    """A live release with one instance, sampled every ten seconds."""

    def __init__(self) -> None:
        self.engine, self.proxy = MemoryEngine("a"), MemoryProxy()
        self.sampler = Sampler(self.engine, self.proxy)
        self.release = self._started(make_release(make_service(memory_mb=128)))
        self.name = name_of(self.release, 1)
        self.now = START

    def _started(self, release: Release) -> Release:
        self.engine.pull_image("python:3.13", ignore, never, 1)
        network = self.engine.ensure_network("e1")
        self.engine.start(request_of(release, 1, network, "python:3.13"))
        self.proxy.fill(Slot(3, str(release.pk), (Target("i1", "127.0.0.1", 80),)))
        Release.objects.filter(pk=release.pk).update(slot=3)
        release.slot = 3
        begin_to_count(self.proxy, release)
        return release

    def sample(self) -> None:
        self.sampler.sample(self.now)
        self.now += timedelta(seconds=10)

    def last(self) -> Measurement:
        return Measurement.objects.filter(width=10).latest("at")


def test_the_second_sample_tells_everything() -> None:
    stage = Stage()
    stage.sample()
    first = stage.last()
    assert (first.cpu, first.requests, first.memory_mb, first.looks) == (None, None, 1.0, 0)
    stage.engine.use(stage.name, cpu_seconds=5, memory_mb=100)
    stage.proxy.serve(3, answers=20, errors=2, seconds=0.05)
    stage.sample()
    last = stage.last()
    assert (last.service, last.at) == (stage.release.service, START - timedelta(seconds=2))
    assert (last.cpu, last.memory_mb, last.memory_limit_mb) == (0.5, 100, 128)
    assert (last.requests, last.errors, last.seconds, last.looks) == (20, 2, 0.05, 1)


def test_the_usage_of_instances_is_the_latest() -> None:
    stage = Stage()
    stage.sample()
    stage.proxy.deaf.add((3, "i1"))
    stage.engine.crash(stage.name, 1)
    stage.engine.restart(stage.name)
    stage.sample()
    usage = InstanceUsage.objects.get()
    assert (usage.name, usage.state, usage.restarts, usage.answering) == (stage.name, "running", 1, False)
    assert (usage.memory_limit_mb, usage.measured_at) == (128, START + timedelta(seconds=10))
    assert stage.last().restarts == 1
    stage.engine.remove(stage.name)
    stage.sample()
    assert not InstanceUsage.objects.exists()


def test_each_side_may_fail_without_the_other() -> None:
    stage = Stage()
    stage.sample()
    stage.engine.fail("usage")
    stage.proxy.serve(3, answers=2)
    stage.sample()
    assert (stage.last().cpu, stage.last().memory_mb, stage.last().requests) == (None, None, 2)
    assert InstanceUsage.objects.exists()
    stage.proxy.fail("served")
    stage.proxy.serve(3, answers=7)
    stage.sample()
    assert (stage.last().memory_mb, stage.last().requests) == (1.0, None)
    stage.sample()
    assert stage.last().requests is None
    stage.proxy.serve(3, answers=1)
    stage.sample()
    assert stage.last().requests == 1


def test_a_sample_twice_is_one() -> None:
    stage = Stage()
    stage.sampler.sample(stage.now)
    stage.sampler.sample(stage.now + timedelta(seconds=1))
    assert Measurement.objects.filter(width=10).count() == 1
    assert InstanceUsage.objects.count() == 1


def test_what_belongs_to_no_service_any_more_is_left_out() -> None:
    stage = Stage()
    stage.release.service.delete()
    stage.sample()
    assert not Measurement.objects.exists()
    assert not InstanceUsage.objects.exists()


def test_a_minute_is_rolled_up() -> None:
    stage = Stage()
    for _ in range(8):
        stage.sample()
    minute = Measurement.objects.get(width=60, at=START - timedelta(seconds=2))
    assert minute.looks == 6


def test_it_stops_when_told_to() -> None:
    run(MemoryEngine("a"), MemoryProxy(), lambda: True)
    assert not Measurement.objects.exists()
