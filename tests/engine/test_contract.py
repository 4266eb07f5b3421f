"""What every engine promises of networks and instances, asked of each. Builds and images: test_contract_images.py."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor

import pytest

from releases.engine.base import (
    SUCCESS,
    Engine,
    Family,
    Instance,
    InstanceRequest,
    InstanceState,
    Labels,
    Listener,
    NotFound,
    Probe,
    Rejected,
)
from tests.engine.rigs import LIMITS, DockerRig, MemoryRig, Recipe, Rig, never, output_of, text_of
from tests.waiting import assert_becomes

EVERYWHERE = "0.0.0.0"  # noqa: S104 - inside an instance


def test_it_names_itself_and_its_capacity(rig: Rig) -> None:
    capacity = rig.engine.capacity()
    assert rig.engine.ping()
    assert capacity.cpus > 0
    assert 0 < capacity.memory_free_mb <= capacity.memory_mb
    assert capacity.disk_free_mb > 0


def test_a_network_is_made_once_and_removed_when_empty(rig: Rig) -> None:
    assert rig.engine.ensure_network("e1") == rig.engine.ensure_network("e1")
    rig.start("web-1", rig.build("app:1").digest)
    with pytest.raises(Rejected):
        rig.engine.remove_network("e1")
    rig.engine.stop("web-1", 0)
    with pytest.raises(Rejected):
        rig.engine.remove_network("e1")
    rig.engine.remove("web-1")
    rig.engine.remove_network("e1")
    rig.engine.remove_network("e1")


def test_many_threads_make_one_network_and_their_own_instances(rig: Rig) -> None:
    image = rig.build("app:1").digest
    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(lambda number: rig.start(f"web-{number}", image, "crowd"), range(4)))
    assert len(started) == 4
    assert {instance.id for instance in rig.engine.instances()} == {instance.id for instance in started}
    for instance in started:
        rig.engine.remove(instance.name)
    rig.engine.remove_network("crowd")


def test_an_instance_needs_a_network_of_its_installation(rig: Rig) -> None:
    image = rig.build("app:1").digest
    with pytest.raises(NotFound):
        rig.engine.start(InstanceRequest("web-1", image, "bridge", "web", LIMITS, Labels()))


def test_an_instance_runs_with_its_name_labels_and_address(rig: Rig) -> None:
    started = rig.start("web-1", rig.build("app:1").digest)
    assert started.state is InstanceState.RUNNING
    assert started.name == "web-1"
    assert started.address
    assert started.labels == Labels(environment="e1", service="7", release="9")
    assert started.exit_code is None
    assert rig.engine.inspect("web-1") == started
    assert rig.engine.inspect(started.id) == started


def test_instances_are_found_by_their_labels(rig: Rig) -> None:
    image = rig.build("app:1").digest
    for number in ("1", "2"):
        rig.start(f"web-{number}", image, labels=Labels(service="7", instance=number))
    assert {instance.name for instance in rig.engine.instances()} == {"web-1", "web-2"}
    assert [instance.name for instance in rig.engine.instances(Labels(service="7", instance="2"))] == ["web-2"]
    assert rig.engine.instances(Labels(service="8")) == []


def test_starting_again_replaces_the_instance(rig: Rig) -> None:
    image = rig.build("app:1").digest
    first, second = rig.start("web-1", image), rig.start("web-1", image)
    assert first.id != second.id
    assert [instance.id for instance in rig.engine.instances()] == [second.id]
    with pytest.raises(NotFound):
        rig.engine.inspect(first.id)


def test_stopping_and_removing_may_be_repeated(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1").digest)
    output_of(rig, "web-1", "ready")  # a signal before that may be lost
    rig.engine.stop("web-1", 5)
    rig.engine.stop("web-1", 5)
    stopped = rig.engine.inspect("web-1")
    assert (stopped.state, stopped.exit_code, stopped.address) == (InstanceState.EXITED, 143, "")
    rig.engine.remove("web-1")
    rig.engine.remove("web-1")
    rig.engine.stop("web-1", 5)
    with pytest.raises(NotFound):
        rig.engine.inspect("web-1")


def test_an_instance_that_ends_by_itself_shows_its_exit_code(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1", Recipe(exits=3)).digest)
    assert_becomes(lambda: rig.engine.inspect("web-1").exit_code is None, False)
    seen = rig.engine.inspect("web-1")
    assert seen.exit_code == 3
    assert seen.state is not InstanceState.RUNNING or seen.restarts > 0


def test_an_instance_keeps_its_address_when_it_crashes(rig: Rig) -> None:
    image = rig.build("app:1").digest
    first, second = rig.start("web-1", image), rig.start("web-2", image)
    for instance in (second, first):
        rig.crash(instance.name)
    for instance in (first, second):
        assert _restarted(rig, instance.name).address == instance.address


def _restarted(rig: Rig, name: str) -> Instance:
    deadline = time.monotonic() + 60
    while True:
        seen = rig.engine.inspect(name)
        if (seen.restarts and seen.state is InstanceState.RUNNING) or time.monotonic() > deadline:
            return seen
        time.sleep(0.02)


def test_a_newcomer_does_not_get_the_address_of_the_one_before(rig: Rig) -> None:
    image, seen = rig.build("app:1").digest, []
    for number in range(4):
        seen.append(rig.start(f"web-{number}", image).address)
        rig.engine.stop(f"web-{number}", 5)
        rig.engine.remove(f"web-{number}")
    assert len(set(seen)) == 4


def test_usage_is_told_of_every_instance(rig: Rig) -> None:
    image, begun = rig.build("app:1").digest, time.time()
    first = rig.start("web-1", image, labels=Labels(service="7", instance="1"))
    rig.start("web-2", image, labels=Labels(service="8", instance="1"))
    assert {usage.instance.name for usage in rig.engine.usage()} == {"web-1", "web-2"}
    (usage,) = rig.engine.usage(Labels(service="7"))
    assert usage.instance == first
    assert usage.memory_limit_mb == LIMITS.memory_mb
    assert begun - 1 < usage.started < time.time() + 1
    assert usage.cpu_seconds is not None and 0 <= usage.cpu_seconds < 30
    assert usage.memory_mb is not None and 0 < usage.memory_mb <= LIMITS.memory_mb
    assert rig.engine.usage(Labels(service="9")) == []


def test_a_stopped_instance_uses_nothing(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1").digest)
    rig.engine.stop("web-1", 0)
    (usage,) = rig.engine.usage()
    assert usage.instance.state is InstanceState.EXITED
    assert (usage.cpu_seconds, usage.memory_mb) == (None, None)


def test_usage_counts_anew_when_an_instance_is_restarted(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1").digest)
    (before,) = rig.engine.usage()
    rig.crash("web-1")
    assert _restarted(rig, "web-1").restarts == 1
    (after,) = rig.engine.usage()
    assert after.instance.restarts == 1
    assert after.started > before.started


def test_output_is_followed_until_the_instance_is_removed(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1", Recipe(prints="hello")).digest)
    outputs = []
    for output in rig.engine.output("web-1", never):
        outputs.append(output)
        threading.Timer(0.3, rig.engine.remove, ["web-1"]).start()  # by then more is waited for
    assert text_of(outputs) == "hello\n"


def test_output_of_a_stopped_instance_is_still_there_and_ends(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1", Recipe(prints="hello")).digest)
    output_of(rig, "web-1", "hello")
    rig.engine.stop("web-1", 5)
    outputs = list(rig.engine.output("web-1", never))
    assert text_of(outputs) == "hello\n"
    assert abs(outputs[0].time - time.time()) < 60
    assert list(rig.engine.output("web-1", never, since=outputs[-1].time)) == []


def test_following_ends_when_cancelled(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1").digest)
    begun = time.monotonic()
    list(rig.engine.output("web-1", lambda: time.monotonic() > begun + 0.5))
    assert time.monotonic() < begun + 15


def test_output_and_probe_of_an_unknown_instance_are_not_found(rig: Rig) -> None:
    with pytest.raises(NotFound):
        list(rig.engine.output("nobody", never))
    with pytest.raises(NotFound):
        rig.engine.probe("nobody", 80, "", "web")


def _answered(rig: Rig, path: str, expected: Container[int] = SUCCESS) -> Probe:
    deadline = time.monotonic() + 60
    while True:
        probe = rig.engine.probe("web-1", 8000, path, "web.localhost", expected)
        if "refused" not in probe.text or time.monotonic() > deadline:
            return probe
        time.sleep(0.02)


def test_a_probe_tells_status_latency_and_the_beginning_of_the_answer(rig: Rig) -> None:
    image = rig.build("app:1", Recipe(serves=EVERYWHERE, status=503, body="warming-up"))
    rig.start("web-1", image.digest)
    connected = _answered(rig, "")
    assert (connected.ok, connected.status, connected.head) == (True, None, "")
    assert 0 < connected.seconds < 2
    unwell = _answered(rig, "/up")
    assert (unwell.ok, unwell.status, unwell.head) == (False, 503, "warming-up")
    assert unwell.text == "the answer has status 503"
    assert 0 < unwell.seconds < 2


def test_the_expected_statuses_decide(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1", Recipe(serves=EVERYWHERE, status=204)).digest)
    assert _answered(rig, "/up").ok
    assert _answered(rig, "/up", (204,)).ok
    assert not _answered(rig, "/up", (200, 301)).ok


def test_a_stopped_instance_does_not_answer(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1").digest)
    rig.engine.stop("web-1", 5)
    probe = rig.engine.probe("web-1", 80, "", "web")
    assert (probe.ok, probe.text) == (False, "it is not running")


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])  # noqa: S104
def test_it_is_told_what_listens_and_where(rig: Rig, address: str) -> None:
    rig.start("web-1", rig.build("app:1", Recipe(serves=address)).digest)
    listener = Listener(Family.IPV4, address, 8000, "serve")
    assert _until(lambda: rig.engine.listeners("web-1")) == (listener,)
    assert listener.is_loopback == (address == "127.0.0.1")
    rig.engine.stop("web-1", 0)
    assert rig.engine.listeners("web-1") == ()
    rig.engine.remove("web-1")
    with pytest.raises(NotFound):
        rig.engine.listeners("web-1")


def test_where_nothing_listens_nothing_is_told(rig: Rig) -> None:
    rig.start("web-1", rig.build("app:1").digest)
    assert rig.engine.listeners("web-1") == ()


def _until(ask: Callable[[], tuple[Listener, ...]]) -> tuple[Listener, ...]:
    """A program needs a moment to listen."""
    deadline = time.monotonic() + 60
    while not (found := ask()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def test_purge_removes_everything(rig: Rig) -> None:
    image = rig.build("app:1")
    rig.start("web-1", image.digest)
    rig.engine.purge()
    assert rig.engine.instances() == []
    assert rig.engine.find_image(image.digest) is None
    rig.engine.purge()


def test_installations_do_not_see_each_other(rig: Rig, request: pytest.FixtureRequest) -> None:
    image = rig.build("app:1")
    started = rig.start("web-1", image.digest)
    other = _neighbour(rig, request)
    assert other.instances() == []
    assert other.find_image(image.name) is None
    for name in ("web-1", started.id):
        with pytest.raises(NotFound):
            other.inspect(name)
        other.stop(name, 0)
        other.remove(name)
    other.remove_image(image.name)
    other.remove_image(image.digest)
    other.remove_network("e1")
    other.purge()
    assert rig.engine.inspect("web-1") == started
    assert rig.engine.find_image(image.name) == image


def _neighbour(rig: Rig, request: pytest.FixtureRequest) -> Engine:
    if isinstance(rig, MemoryRig):
        return MemoryRig().engine
    return DockerRig(request.getfixturevalue("base_image")).engine
