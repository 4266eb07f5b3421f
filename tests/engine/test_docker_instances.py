"""Instances on Docker: what they may do, how they end, how they are asked."""

from __future__ import annotations

import time

import pytest

from releases.engine.base import Instance, InstanceState, Limits, Probe, Rejected
from tests.engine.conftest import left_of
from tests.engine.rigs import DockerRig, docker_sdk, never, output_of, text_of
from tests.waiting import assert_becomes

pytestmark = pytest.mark.engine


# It ends twice, and then stays.
TWICE_IN_VAIN = "echo try; for n in 1 2; do [ -e /tmp/$n ] || { mkdir /tmp/$n; exit 5; }; done; echo up; sleep 99"


def answering(rig: DockerRig, name: str, path: str = "", seconds: float = 60.0) -> Probe:
    deadline = time.monotonic() + seconds
    while True:
        probe = rig.engine.probe(name, 8000, path, "web.localhost")
        if probe.ok or "refused" not in probe.text or time.monotonic() > deadline:
            return probe
        time.sleep(0.05)


def run(rig: DockerRig, command: str, **changes: object) -> Instance:
    return rig.start("web-1", rig.base, command=command, **changes)


def test_an_instance_is_bounded_and_has_few_rights(docker_rig: DockerRig) -> None:
    run(docker_rig, "cat /proc/self/status; echo end", limits=Limits(memory_mb=48, cpu=0.5, processes=33))
    status = output_of(docker_rig, "web-1", "end")
    assert "NoNewPrivs:\t1\n" in status
    # chown 0, dac_override 1, fowner 3, kill 5, setgid 6, setuid 7, net_bind_service 10
    assert f"CapEff:\t{sum(1 << bit for bit in (0, 1, 3, 5, 6, 7, 10)):016x}\n" in status
    host = docker_sdk().inspect_container(docker_rig.engine.inspect("web-1").id)["HostConfig"]
    assert (host["Memory"], host["MemorySwap"]) == (48 * 1024 * 1024, 48 * 1024 * 1024)
    assert (host["NanoCpus"], host["PidsLimit"]) == (500_000_000, 33)
    assert (host["LogConfig"]["Type"], host["LogConfig"]["Config"]["max-size"]) == ("local", "10m")
    assert not host["PortBindings"]
    assert not host["PublishAllPorts"]


def test_too_much_memory_is_seen(docker_rig: DockerRig) -> None:
    run(docker_rig, "head -c 200000000 /dev/zero | tail; exit 3", limits=Limits(memory_mb=32, cpu=1.0))
    assert_becomes(lambda: docker_rig.engine.inspect("web-1").out_of_memory, True)


@pytest.mark.parametrize("shape", ["{}", "true; {}", "true && {}", "exec {}"])
def test_every_shape_of_command_may_finish_its_work(docker_rig: DockerRig, shape: str) -> None:
    run(docker_rig, shape.format("finish"))
    assert output_of(docker_rig, "web-1", "up") == "up\n"
    begun = time.monotonic()
    docker_rig.engine.stop("web-1", 10)
    assert time.monotonic() < begun + 20
    assert text_of(list(docker_rig.engine.output("web-1", never))) == "up\nfinished\n"


def test_grace_ends_with_a_kill(docker_rig: DockerRig) -> None:
    run(docker_rig, "perl -e '$|=1;$SIG{TERM}=q(IGNORE);print qq(up\\n);sleep 99 while 1'")
    output_of(docker_rig, "web-1", "up")
    begun = time.monotonic()
    docker_rig.engine.stop("web-1", 1)
    assert 0.9 < time.monotonic() - begun < 15
    assert docker_rig.engine.inspect("web-1").exit_code == 137


def test_a_missing_program_is_refused_and_leaves_nothing(docker_rig: DockerRig) -> None:
    image = docker_rig.build_lines("app:1", 'CMD ["nowhere", "--port"]')
    with pytest.raises(Rejected, match="no program nowhere"):
        docker_rig.start("web-1", image.digest)
    with pytest.raises(Rejected, match="No command"):
        docker_rig.start("web-2", docker_rig.base)
    assert docker_rig.engine.instances() == []


def test_a_refused_request_leaves_nothing(docker_rig: DockerRig) -> None:
    with pytest.raises(Rejected, match="memory"):
        docker_rig.start("web-1", docker_rig.base, command="sleep 9", limits=Limits(memory_mb=1, cpu=1.0))
    with pytest.raises(Rejected):
        docker_rig.start("not a name", docker_rig.base, command="sleep 9")
    assert docker_rig.engine.instances() == []


def test_an_entry_point_does_not_swallow_the_start_command(docker_rig: DockerRig) -> None:
    image = docker_rig.build_lines("app:1", 'ENTRYPOINT ["cat", "/etc/passwd"]')
    docker_rig.start("web-1", image.digest, command="echo mine; sleep 99")
    assert output_of(docker_rig, "web-1", "\n") == "mine\n"


def test_environment_variables_arrive_as_they_are(docker_rig: DockerRig) -> None:
    value = "a b'c\"$HOME\nnext=ö"
    run(docker_rig, 'echo "$SECRET|end"; sleep 99', environment={"SECRET": value, "PORT": "1"})
    assert output_of(docker_rig, "web-1", "|end") == f"{value}|end\n"


def test_services_find_each_other_by_name_inside_their_environment_only(docker_rig: DockerRig) -> None:
    first = docker_rig.start("web-1", docker_rig.base, command="sleep 99", alias="first")
    docker_rig.start("web-2", docker_rig.base, command="getent hosts first; echo end; sleep 99", alias="second")
    docker_rig.start("web-3", docker_rig.base, "e2", command="getent hosts first; echo end; sleep 99", alias="third")
    assert first.address in output_of(docker_rig, "web-2", "end")
    assert output_of(docker_rig, "web-3", "end") == "end\n"


def test_a_crash_loop_shows_its_restarts_and_last_code(docker_rig: DockerRig) -> None:
    run(docker_rig, TWICE_IN_VAIN)
    output_of(docker_rig, "web-1", "up")
    running = docker_rig.engine.inspect("web-1")
    assert (running.state, running.restarts, running.exit_code) == (InstanceState.RUNNING, 2, 5)
    docker_rig.engine.stop("web-1", 2)
    stopped = docker_rig.engine.inspect("web-1")
    assert (stopped.state, stopped.restarts) == (InstanceState.EXITED, 2)
    printed = text_of(list(docker_rig.engine.output("web-1", never)))
    assert printed.removesuffix("Terminated\n") == "try\n" * 3 + "up\n"


def test_a_server_answers_probes_from_outside(docker_rig: DockerRig) -> None:
    run(docker_rig, "serve 200 0,0,0,0")
    assert answering(docker_rig, "web-1").text == "the port accepts connections"
    good = docker_rig.engine.probe("web-1", 8000, "/health", "web.localhost")
    assert (good.ok, good.text) == (True, "the answer has status 200")
    closed = docker_rig.engine.probe("web-1", 8001, "", "")
    assert (closed.ok, closed.text) == (False, "the connection was refused")


def test_a_server_that_is_not_well_does_not_pass(docker_rig: DockerRig) -> None:
    run(docker_rig, "serve 503 0,0,0,0")
    assert answering(docker_rig, "web-1").ok
    probe = docker_rig.engine.probe("web-1", 8000, "/health", "web.localhost")
    assert (probe.ok, probe.text) == (False, "the answer has status 503")


def test_a_server_on_localhost_is_told_apart(docker_rig: DockerRig) -> None:
    run(docker_rig, "serve 200 127,0,0,1")
    assert_becomes(lambda: "localhost" in docker_rig.engine.probe("web-1", 8000, "", "").text, True)
    probe = docker_rig.engine.probe("web-1", 8000, "", "")
    assert not probe.ok
    assert "listens on localhost only" in probe.text


def test_networks_get_ranges_and_bridges_of_their_own(docker_rig: DockerRig) -> None:
    names = [docker_rig.engine.ensure_network(environment) for environment in ("e1", "e2", "e3")]
    networks = [docker_sdk().inspect_network(name) for name in names]
    assert len({network["IPAM"]["Config"][0]["Subnet"] for network in networks}) == 3
    bridges = {network["Options"]["com.docker.network.bridge.name"] for network in networks}
    assert len(bridges) == 3
    assert all(bridge.startswith("kh-") and len(bridge) <= 15 for bridge in bridges)
    assert set(names) <= set(left_of(docker_rig.installation).networks)


def test_work_and_memory_are_counted(docker_rig: DockerRig) -> None:
    """20 MB in the shell's own variable, and a loop that never rests."""
    run(docker_rig, "text=0123456789; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21; do\n"
        "text=$text$text; done; while :; do :; done")  # fmt: skip
    deadline = time.monotonic() + 60
    while True:
        (usage,) = docker_rig.engine.usage()
        assert usage.cpu_seconds is not None and usage.memory_mb is not None
        if (usage.cpu_seconds > 0.5 and usage.memory_mb > 15) or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert usage.cpu_seconds > 0.5
    assert 15 < usage.memory_mb <= usage.memory_limit_mb
