"""Builds on Docker: complete output, limits that hold, aborts that leave nothing."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.errors import ImageNotFound

from releases.engine.base import BuildFailed, Cancelled, InstanceState, Limits, Output, Stream, Unavailable
from releases.engine.docker import builds
from releases.engine.docker.names import Names
from tests.engine.conftest import left_of
from tests.engine.relay import Relay
from tests.engine.rigs import LIMITS, DockerRig, Recipe, docker_sdk, text_of

pytestmark = pytest.mark.engine

IGNORE = "trap '' TERM INT HUP"
STUBBORN = f'RUN {IGNORE}; echo started; setsid sh -c "{IGNORE}; sleep {{mark}}" & sleep {{mark}}; true'


PROCESSES = 20
PIDS = "/sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max"
# The engine is told to limit a step that runs already.
LIMITED = f'for n in $(seq 300); do [ "$(cat {PIDS} 2>/dev/null)" = {PROCESSES} ] && break; sleep 0.1; done'


@pytest.fixture
def without_a_second_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the builder does not end and remove itself would only be removed after the test."""
    monkeypatch.setattr(builds, "GONE_SECONDS", 60.0)


def user_output(seen: list[Output]) -> bytes:
    return b"".join(output.data for output in seen if output.stream is not Stream.SYSTEM)


def processes_with(mark: str) -> list[str]:
    """Process ids on this machine, those in containers included, that have this argument."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def nameless_with(mark: str) -> list[str]:
    """Images without a name that a step with this text made; other builds on this machine have their own."""
    images = docker_sdk().images(filters={"dangling": ["true"]})
    return [image["Id"] for image in images if mark in _history(image["Id"])]


def _history(image: str) -> str:
    try:
        return " ".join(layer["CreatedBy"] for layer in docker_sdk().history(image))
    except ImageNotFound:
        return ""


def build_containers(rig: DockerRig) -> list[str]:
    filters = {"network": [Names(rig.installation).build_network]}
    return [container["Id"] for container in docker_sdk().containers(all=True, filters=filters)]


def when_seen(seen: list[Output], text: bytes, delay: float = 0.0) -> Callable[[], bool]:
    """Turns true a moment after the output has this text."""
    times: list[float] = []

    def cancelled() -> bool:
        if not times and text in user_output(seen):
            times.append(time.monotonic())
        return bool(times) and time.monotonic() >= times[0] + delay

    return cancelled


def test_a_burst_arrives_complete_and_in_order(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    docker_rig.build_lines("app:1", "RUN seq 1 100000", emit=seen.append)
    assert user_output(seen) == b"".join(b"%d\n" % number for number in range(1, 100_001))


def test_output_comes_as_it_is(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    run = (
        "RUN head -c 1000000 /dev/zero | tr '\\0' x; echo; printf 'a\\rb\\rc\\n'; "
        "printf 'bad \\377 byte\\n'; echo wrong >&2; sleep 0.2; printf 'no end'"
    )
    docker_rig.build_lines("app:1", run, emit=seen.append)
    out = b"".join(output.data for output in seen if output.stream is Stream.STDOUT)
    err = b"".join(output.data for output in seen if output.stream is Stream.STDERR)
    assert out == b"x" * 1_000_000 + b"\na\rb\rc\n" + "bad � byte\n".encode() + b"no end"
    assert err == b"wrong\n"


def test_steps_are_told_as_lines_of_the_system(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    docker_rig.build_lines("app:1", "RUN true", emit=seen.append)
    system = [output.data.decode() for output in seen if output.stream is Stream.SYSTEM]
    assert system[0] == f"Step 1/3 : FROM {docker_rig.base}\n"
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in system)
    assert user_output(seen) == b""


def test_a_step_that_reads_finds_no_input(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    docker_rig.build_lines("app:1", "RUN cat; echo done", emit=seen.append)
    assert user_output(seen) == b"done\n"


def test_a_lot_of_output_does_not_grow_memory(docker_rig: DockerRig) -> None:
    size, before = [0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def count(output: Output) -> None:
        size[0] += len(output.data) if output.stream is Stream.STDOUT else 0

    docker_rig.build_lines("app:1", "RUN yes 0123456789012345678901234567890123456789 | head -c 60000000", emit=count)
    assert size[0] == 60_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # KiB


@pytest.mark.usefixtures("without_a_second_try")
def test_a_stubborn_step_is_dead_at_once_and_leaves_nothing(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    mark = f"{time.time():.6f}"
    dead_at: list[float] = []
    asked_at: list[float] = []

    def cancelled() -> bool:
        if b"started" in user_output(seen) and len(processes_with(mark)) >= 2:
            asked_at.append(time.monotonic())
            return True
        return False

    def watch_death() -> None:
        while not asked_at or processes_with(mark):
            time.sleep(0.05)
        dead_at.append(time.monotonic())

    watcher = threading.Thread(target=watch_death, daemon=True)
    watcher.start()
    with pytest.raises(Cancelled):
        docker_rig.build_lines(
            "app:1", f"RUN echo {mark}", STUBBORN.format(mark=mark), emit=seen.append, cancelled=cancelled
        )
    watcher.join(30)
    assert dead_at
    assert dead_at[0] - asked_at[0] < 20  # it would sleep for ever
    assert build_containers(docker_rig) == []
    assert nameless_with(mark) == []
    left = left_of(docker_rig.installation)
    assert (left.containers, left.images) == ([], [])


def test_a_build_between_steps_can_be_cancelled(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    cancelled = when_seen(seen, b"one", delay=0.25)
    with pytest.raises(Cancelled):
        docker_rig.build_lines("app:1", *["RUN echo one"] * 30, emit=seen.append, cancelled=cancelled)
    assert build_containers(docker_rig) == []


def test_an_upload_without_end_can_be_cancelled(docker_rig: DockerRig) -> None:
    closed = threading.Event()

    def endless() -> Iterator[bytes]:
        try:
            while True:
                yield b"\0" * 65536
                time.sleep(0.01)
        finally:
            closed.set()

    begun = time.monotonic()
    with pytest.raises(Cancelled):
        docker_rig.build("app:1", context=endless, cancelled=lambda: time.monotonic() > begun + 0.5)
    assert time.monotonic() < begun + 15
    assert closed.is_set()


def test_a_context_that_breaks_off_does_not_become_an_image(docker_rig: DockerRig) -> None:
    def broken() -> Iterator[bytes]:
        yield from docker_rig.request("app:1", Recipe()).context()
        raise OSError("the archive broke off")

    with pytest.raises(OSError, match="broke off"):
        docker_rig.build("app:1", context=broken)
    assert docker_rig.engine.find_image(docker_rig.tag("app:1")) is None


def test_a_slow_reader_can_be_cancelled(docker_rig: DockerRig) -> None:
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        docker_rig.build_lines(
            "app:1",
            "RUN yes",
            emit=lambda output: time.sleep(0.05),
            cancelled=lambda: time.monotonic() > begun + 1.5,
        )
    assert time.monotonic() < begun + 20


def test_too_much_memory_is_explained(docker_rig: DockerRig) -> None:
    with pytest.raises(BuildFailed, match="64 MB of memory") as caught:
        docker_rig.build_lines("app:1", "RUN head -c 200000000 /dev/zero | tail; exit $?")
    assert caught.value.exit_code == 137


def test_processes_of_a_step_are_limited(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    with pytest.raises(BuildFailed):
        docker_rig.build_lines(
            "app:1",
            f"RUN {LIMITED}; for n in $(seq 100); do sleep 99 & echo $n; done",
            emit=seen.append,
            limits=Limits(memory_mb=64, cpu=1.0, processes=PROCESSES),
        )
    started = len([line for line in text_of(seen).splitlines() if line.isdigit()])
    assert 10 <= started < PROCESSES


def test_the_cpu_of_a_step_is_limited(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    files = "/sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max"
    docker_rig.build_lines(
        "app:1", f"RUN cat {files} 2>/dev/null || true", emit=seen.append, limits=Limits(memory_mb=64, cpu=0.5)
    )
    assert user_output(seen).split()[0] == b"50000"


def test_a_refused_dockerfile_is_a_failed_build(docker_rig: DockerRig) -> None:
    with pytest.raises(BuildFailed, match="unknown instruction: FRMO"):
        docker_rig.build_lines("app:1", "FRMO x")


def test_a_failed_build_keeps_its_steps_for_the_next_try(docker_rig: DockerRig) -> None:
    mark = f"{time.time():.6f}"
    for line in ("RUN exit 3", "RUN exit 4"):
        seen: list[Output] = []
        with pytest.raises(BuildFailed):
            docker_rig.build_lines("app:1", f"RUN echo {mark}", line, emit=seen.append)
    assert "Using cache" in text_of(seen)
    assert nameless_with(mark) == []
    docker_rig.build_lines("app:1", f"RUN echo {mark}")
    assert not any("cache" in name for name in left_of(docker_rig.installation).images)


def test_building_a_tag_again_leaves_no_nameless_image(docker_rig: DockerRig) -> None:
    mark = f"{time.time():.6f}"
    first = docker_rig.build_lines("app:1", f"RUN echo 1 {mark}")
    second = docker_rig.build_lines("app:1", f"RUN echo 2 {mark}")
    assert first.digest != second.digest
    assert nameless_with(mark) == []


def test_output_that_looks_like_the_builders_kills_nobody_else(docker_rig: DockerRig) -> None:
    """A step that prints the builder's own line with a neighbour's id, and is then cancelled."""
    victim = docker_rig.start("web-1", docker_rig.build("app:1").digest)
    seen: list[Output] = []
    lines = f"Step 1/9 : RUN x' ' ---> Running in {victim.id[:12]}' ' ---> {victim.id[:12]}"
    run = f"RUN for line in '{lines}'; do echo \"$line\"; sleep 0.2; done; echo pri''nted; sleep 30"
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        docker_rig.build_lines(
            "app:2", run, emit=seen.append, cancelled=lambda: "printed" in text_of(seen[-1:]) or _late(begun)
        )
    assert "printed\n" in text_of(seen)
    assert docker_rig.engine.inspect("web-1").state is InstanceState.RUNNING
    assert build_containers(docker_rig) == []


def _late(begun: float) -> bool:
    return time.monotonic() > begun + 45


def test_builds_have_a_network_of_their_own_without_neighbours(docker_rig: DockerRig) -> None:
    seen: list[Output] = []
    docker_rig.build_lines("app:1", "RUN cat /proc/net/route", emit=seen.append)
    network = docker_sdk().inspect_network(Names(docker_rig.installation).build_network)
    assert network["Options"]["com.docker.network.bridge.enable_icc"] == "false"
    assert network["Options"]["com.docker.network.bridge.name"].startswith("kh-")
    subnet = network["IPAM"]["Config"][0]["Subnet"].partition("/")[0].split(".")
    assert "".join(f"{int(part):02X}" for part in reversed(subnet)) in text_of(seen)


@pytest.mark.usefixtures("without_a_second_try")
def test_a_lost_engine_is_unavailable(relayed_rig: tuple[DockerRig, Relay]) -> None:
    rig, relay = relayed_rig

    def cut(output: Output) -> None:
        if output.data == b"started\n":
            relay.cut()

    with pytest.raises(Unavailable) as caught:
        rig.build_lines("app:1", "RUN echo started; sleep 30", limits=LIMITS, emit=cut)
    assert relay.cuts == 1
    assert caught.value.retryable
    assert build_containers(rig) == []
