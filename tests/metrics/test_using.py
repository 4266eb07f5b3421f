"""Cores and restarts from two looks."""

from __future__ import annotations

from dataclasses import replace

from releases.engine.base import Instance, InstanceState, Labels, Usage
from releases.metrics.using import LONGEST, Meter, Used

INSTANCE = Instance("a", "web-1", InstanceState.RUNNING, "10.0.0.2", Labels(service="1"))
USAGE = Usage(INSTANCE, started=50.0, memory_limit_mb=64, cpu_seconds=7.0, memory_mb=10.0)


def test_the_first_look_has_nothing_to_compare_with() -> None:
    assert Meter().look([USAGE], 100) == [Used(USAGE, None, 0)]


def test_cores_are_processor_time_over_time() -> None:
    meter = Meter()
    meter.look([USAGE], 100)
    (used,) = meter.look([replace(USAGE, cpu_seconds=12.0)], 110)
    assert used.cpu == 0.5


def test_a_restart_counts_its_own_time() -> None:
    meter = Meter()
    meter.look([USAGE], 100)
    again = replace(USAGE, instance=replace(INSTANCE, restarts=2), started=104.0, cpu_seconds=3.0)
    assert meter.look([again], 110) == [Used(again, 0.3, 2)]


def test_a_new_instance_has_used_all_its_time_since() -> None:
    meter = Meter()
    meter.look([], 100)
    assert meter.look([replace(USAGE, started=105.0, cpu_seconds=1.0)], 110)[0].cpu == 0.1
    meter.look([], 120)
    assert meter.look([USAGE], 130)[0].cpu is None


def test_one_that_does_not_run_uses_nothing() -> None:
    meter = Meter()
    meter.look([USAGE], 100)
    assert meter.look([replace(USAGE, cpu_seconds=None, memory_mb=None)], 110)[0].cpu is None


def test_looks_far_apart_are_not_compared() -> None:
    meter = Meter()
    meter.look([USAGE], 100)
    assert meter.look([replace(USAGE, cpu_seconds=12.0)], 101 + LONGEST)[0].cpu is None
    assert meter.look([replace(USAGE, cpu_seconds=13.0)], 111 + LONGEST)[0].cpu == 0.1
