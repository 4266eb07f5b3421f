"""What the memory engine offers beyond the contract: behaviour and failures by name."""

from __future__ import annotations

import pytest

from releases.engine.base import InstanceState, Rejected, Unavailable
from releases.engine.docker import DockerEngine
from releases.engine.memory import Behaviour, MemoryEngine
from releases.engine.registry import engine_for
from tests.engine.rigs import MemoryRig, ignore, never, text_of


def test_calls_fail_by_name_as_often_as_told() -> None:
    engine = MemoryEngine("a")
    engine.fail("ping", times=2)
    engine.fail("ping", Rejected("no"))
    for kind in (Unavailable, Unavailable, Rejected):
        with pytest.raises(kind):
            engine.ping()
    assert engine.ping()


@pytest.mark.parametrize("call", ["pong", "_find", ""])
def test_only_calls_that_exist_can_fail(call: str) -> None:
    with pytest.raises(ValueError, match="no call"):
        MemoryEngine("a").fail(call)


def test_the_latest_matching_behaviour_counts() -> None:
    rig = MemoryRig()
    image = rig.build("app:1")
    rig.memory.behave("*", Behaviour(listens=False))
    rig.start("web-1", image.digest)
    assert not rig.engine.probe("web-1", 80, "", "web").ok
    rig.memory.behave(image.name, Behaviour(status=503))
    rig.start("web-1", image.name)
    assert rig.engine.probe("web-1", 80, "", "web").ok
    assert not rig.engine.probe("web-1", 80, "/", "web").ok


def test_instances_print_and_crash_on_demand() -> None:
    rig = MemoryRig()
    rig.start("web-1", rig.build("app:1").digest)
    rig.memory.print("web-1", "later", "and later")
    rig.memory.crash("web-1", 9)
    assert text_of(list(rig.engine.output("web-1", never))) == "ready\nlater\nand later\n"
    seen = rig.engine.inspect("web-1")
    assert (seen.state, seen.exit_code) == (InstanceState.EXITED, 9)


def test_pulls_succeed_unless_they_are_to_fail() -> None:
    engine = MemoryEngine("a")
    assert engine.can_pull("python:3.13", 1)
    assert engine.pull_image("python:3.13", ignore, never, 1) == engine.find_image("python:3.13")
    engine.fail("can_pull")
    assert not engine.can_pull("python:3.13", 1)
    engine.remove_image("python:3.13")
    engine.purge()
    assert engine.find_image("python:3.13")


def test_one_process_has_one_engine_of_a_kind_and_installation() -> None:
    assert engine_for("memory", "aa") is engine_for("memory", "aa")
    assert engine_for("memory", "aa") is MemoryEngine.for_installation("aa")
    assert engine_for("memory", "aa") is not engine_for("memory", "bb")
    assert isinstance(engine_for("docker", "aa"), DockerEngine)
    with pytest.raises(ValueError, match="docker or memory"):
        engine_for("podman", "aa")


def test_it_uses_what_it_is_told_to() -> None:
    rig = MemoryRig()
    rig.start("web-1", rig.build("app:1").digest)
    rig.memory.use("web-1", cpu_seconds=2, memory_mb=50)
    rig.memory.use("web-1", cpu_seconds=1)
    assert [(usage.cpu_seconds, usage.memory_mb) for usage in rig.engine.usage()] == [(3, 50)]
    rig.crash("web-1")
    assert [usage.cpu_seconds for usage in rig.engine.usage()] == [0]
