"""`make bench-switch`: what visitors of every kind notice of deploys and rollbacks on the real stack."""

from __future__ import annotations

import argparse
import sys
import time
from bisect import bisect_right
from itertools import pairwise

from tests.bench import readme, routes
from tests.bench.figures import median, milliseconds, percentile
from tests.bench.site import DRAIN, site
from tests.bench.visitors import Dropped, Load, Tally, visiting

TOLERANCE = 0.3  # seconds: the drain begins a moment before the release's time is written down
AROUND = 1.0  # seconds on both sides of a switch


def main(arguments: list[str]) -> int:
    """Exit code 1 when a request was lost or a WebSocket dropped early."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.switch")
    parser.add_argument("--switches", type=int, default=50, help="deploys and rollbacks, alternating (50)")
    parser.add_argument("--no-readme", action="store_true", help="print the results only")
    options = parser.parse_args(arguments)
    with site() as bench:
        load = Load(bench.stack.public_port, bench.host, bench.other)
        with visiting(load) as tally:
            time.sleep(3)
            for number in range(options.switches):
                bench.switch_over()
                print(f"Switch {number + 1} of {options.switches}: {sum(tally.lost.values())} lost", flush=True)
            time.sleep(3)
        switches = bench.switched_at()
        costs = routes.measure(bench.proxy, bench.stack.data, bench.stack.public_port, bench.other)
    early = dropped_early(tally, switches)
    text = f"{report(tally, switches, len(early))}\n\n{costs}"
    print(text) if options.no_readme else readme.publish("bench-switch", text)
    return 1 if early or tally.lost else 0


def dropped_early(tally: Tally, switches: list[float]) -> list[Dropped]:
    """WebSockets that ended while their release was live, or before its drain limit."""
    early = []
    for socket in tally.dropped:
        later = bisect_right(switches, socket.began)
        left = switches[later] if later < len(switches) else float("inf")
        if socket.ended < left + DRAIN - TOLERANCE:
            early.append(socket)
    return early


def report(tally: Tally, switches: list[float], early: int) -> str:
    gaps = [gap for switch in switches if (gap := longest_gap(tally.fast, switch))]
    near = [seconds for at, seconds in tally.others if any(abs(at - switch) < AROUND for switch in switches)]
    far = [seconds for at, seconds in tally.others if all(abs(at - switch) >= AROUND for switch in switches)]
    kinds = "; ".join(f"{count} {kind}" for kind, count in sorted(tally.lost.items()))
    rows = [
        ("Requests sent", f"{sum(tally.sent.values()):,}"),
        ("Lost (refused, reset, EOF, 5xx, truncated)", f"**{sum(tally.lost.values())}** {kinds}".strip()),
        ("WebSockets opened / messages echoed", f"{tally.sockets:,} / {tally.echoes:,}"),
        (f"WebSockets dropped before the drain limit ({DRAIN} s)", f"**{early}**"),
        ("Longest time without an answer around a switch: median / worst", _of(gaps)),
        ("p99 of another service: around a switch / otherwise", _p99(near, far)),
    ]
    return readme.table((f"{len(switches)} switches under load", ""), rows)


def longest_gap(answers: list[float], switch: float) -> float:
    """Between two answers to quick requests, within AROUND of the switch; 0 when there are none."""
    window = [at for at in answers if abs(at - switch) < AROUND]
    return max((after - before for before, after in pairwise(window)), default=0.0)


def _of(values: list[float]) -> str:
    return f"{milliseconds(median(values))} / {milliseconds(max(values))}"


def _p99(near: list[float], far: list[float]) -> str:
    return f"{milliseconds(percentile(near, 99))} / {milliseconds(percentile(far, 99))}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
