"""The addresses that instances keep."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network

import pytest

from releases.engine.docker.addresses import free_addresses
from tests.engine.rigs import DockerRig, docker_sdk

SUBNET = IPv4Network("10.9.9.0/29")  # .1 is the gateway, .2 to .6 are for instances


def at(*numbers: int) -> list[IPv4Address]:
    return [SUBNET[number] for number in numbers]


@pytest.mark.parametrize(
    ("taken", "recent", "free"),
    [
        ([], [], [2, 3, 4, 5, 6]),
        ([3], [3], [4, 5, 6, 2]),
        ([], [5], [6, 2, 3, 4, 5]),
        ([4], [4, 3, 4, 3], [5, 6, 2, 3]),  # 3 was just removed, so it comes last
        ([2, 3, 4], [5, 6], [5, 6]),
        ([2, 3, 4, 5, 6], [], []),
    ],
)
def test_addresses_go_round_and_the_latest_used_come_last(
    taken: Sequence[int], recent: Sequence[int], free: Sequence[int]
) -> None:
    assert free_addresses(SUBNET, at(*taken), at(*recent)) == at(*free)


@pytest.mark.engine
def test_ten_at_once_get_ten_addresses(docker_rig: DockerRig) -> None:
    image, place = sleeper(docker_rig)
    with ThreadPoolExecutor(10) as pool:
        started = list(pool.map(lambda number: docker_rig.start(f"web-{number}", image, place), range(10)))
    assert len({instance.address for instance in started}) == 10
    assert all(instance.address for instance in started)


@pytest.mark.engine
def test_the_address_of_a_stopped_instance_stays_its_own(docker_rig: DockerRig) -> None:
    image, place = sleeper(docker_rig)
    first = docker_rig.start("web-1", image, place)
    docker_rig.engine.stop("web-1", 0)
    others = [docker_rig.start(f"web-{number}", image, place) for number in (2, 3)]
    docker_sdk().start(first.id)
    addresses = [docker_rig.engine.inspect("web-1").address, *(other.address for other in others)]
    assert addresses[0] == first.address
    assert len(set(addresses)) == 3


@pytest.mark.engine
def test_another_process_does_not_give_the_last_address_again(docker_rig: DockerRig) -> None:
    image, place = sleeper(docker_rig)
    first = docker_rig.start("web-1", image, place)
    docker_rig.engine.remove("web-1")
    other = DockerRig(docker_rig.base, installation=docker_rig.installation)  # knows nothing but what the engine tells
    assert other.start("web-2", image, place).address != first.address


def sleeper(rig: DockerRig) -> tuple[str, str]:
    return rig.build_lines("app:1", 'CMD ["sleep", "99"]').digest, "addresses"
