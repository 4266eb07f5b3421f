"""Address ranges for new networks."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import islice
from pathlib import Path

from releases.engine.docker.names import Names, bridge_interface
from releases.engine.docker.subnets import POOLS, free_subnets, routed

TABLE = """Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun0	0000000A	00000000	0001	0	0	0	000000FF	0	0	0
"""


def test_routes_of_the_host_are_read_without_the_default_route(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(TABLE)
    assert routed(table) == [IPv4Network("192.0.2.0/24"), IPv4Network("10.0.0.0/8")]
    assert routed(tmp_path / "missing") == []


def test_every_free_range_is_offered_once() -> None:
    every = list(free_subnets("a", []))
    assert len(every) == len(set(every)) == sum(2 ** (24 - pool.prefixlen) for pool in POOLS)
    assert all(subnet.prefixlen == 24 for subnet in every)


def test_used_ranges_are_left_out() -> None:
    first, second, third = islice(free_subnets("a", []), 3)
    assert next(free_subnets("a", [first, IPv4Network(f"{second[7]}/32")])) == third


def test_another_pool_serves_a_host_that_routes_the_first() -> None:
    assert next(free_subnets("a", [IPv4Network("10.0.0.0/8")])).subnet_of(POOLS[1])


def test_names_begin_at_different_places() -> None:
    assert next(free_subnets("a", [])) != next(free_subnets("b", []))


def test_bridge_interfaces_have_one_prefix_and_fit() -> None:
    names = {bridge_interface(Names("0123abcd").network(str(number))) for number in range(100)}
    assert len(names) == 100
    assert all(name.startswith("kh-") and len(name) == 15 for name in names)
