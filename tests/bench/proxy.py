"""`make bench-proxy`: requests per second and their times through the proxy, against straight to the container."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass, field

from tests.bench import readme
from tests.bench.figures import median, milliseconds, percentile
from tests.bench.site import Site, site

RUNS, SECONDS = 5, 4.0
CONNECTIONS = (1, 16)


@dataclass
class Run:
    """`times` are seconds of single requests."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.times) / self.seconds

    @property
    def p50(self) -> float:
        return percentile(self.times, 50)

    @property
    def p99(self) -> float:
        return percentile(self.times, 99)


class Visitor(asyncio.Protocol):
    """Asks again as soon as it has the whole answer. As little Python as that, so that it is not what is measured."""

    def __init__(self, host: str, run: Run, ended: asyncio.Future[None], until: float) -> None:
        self._request = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        self._run, self._ended, self._until = run, ended, until
        self._heard, self._began = b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def _ask(self) -> None:
        self._heard, self._began = b"", time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        now = time.perf_counter()
        self._run.times.append(now - self._began)
        if now < self._until:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self._until:
            self._ended.set_exception(error or ConnectionError("closed before the end of the measurement"))
        else:
            self._ended.set_result(None)


def _length(head: bytes) -> int:
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError(f"not what was asked for: {head[:60]!r}")
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])


async def visit(address: str, port: int, host: str, connections: int) -> Run:
    run, loop, began = Run(), asyncio.get_running_loop(), time.perf_counter()
    ended = [loop.create_future() for _ in range(connections)]
    for future in ended:
        await loop.create_connection(lambda one=future: Visitor(host, run, one, began + SECONDS), address, port)
    await asyncio.gather(*ended)
    run.seconds = time.perf_counter() - began
    return run


def measure(bench: Site, connections: int) -> list[tuple[str, ...]]:
    """A row for straight, for through the proxy, and for their ratio."""
    target = bench.target
    straight, through = [], []
    for number in range(RUNS):
        straight.append(asyncio.run(visit(target.address, target.port, bench.host, connections)))
        through.append(asyncio.run(visit("127.0.0.1", bench.stack.public_port, bench.host, connections)))
        print(f"{connections} connections: run {number + 1} of {RUNS}", flush=True)
    ratios = [proxied.rate / plain.rate for plain, proxied in zip(straight, through, strict=True)]
    slower = [proxied.p99 / plain.p99 for plain, proxied in zip(straight, through, strict=True)]
    name = f"{connections} connection{'' if connections == 1 else 's'}"
    return [
        (name, "straight", *_figures(straight)),
        (name, "through the proxy", *_figures(through)),
        (name, "**ratio**", f"**{median(ratios):.2f}**", "", f"**{median(slower):.2f}**"),
    ]


def _figures(runs: list[Run]) -> tuple[str, str, str]:
    times = (milliseconds(median(run.p50 for run in runs)), milliseconds(median(run.p99 for run in runs)))
    return (f"{median(run.rate for run in runs):,.0f}", *times)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.proxy")
    parser.add_argument("--no-readme", action="store_true", help="print the results only")
    options = parser.parse_args(arguments)
    with site(instances=1) as bench:
        rows = [row for connections in CONNECTIONS for row in measure(bench, connections)]
    text = readme.table(("Keep-alive", "Way", "Requests per second", "p50", "p99"), rows)
    print(text) if options.no_readme else readme.publish("bench-proxy", text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
