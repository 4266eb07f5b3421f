"""Following output on Docker: each byte once, whatever happens to the log or the connection."""

from __future__ import annotations

import threading
import time

import pytest

from releases.engine.base import Output, Stream, Unavailable
from releases.engine.docker import DockerEngine
from tests.engine.relay import Relay
from tests.engine.rigs import DockerRig, never, text_of

pytestmark = pytest.mark.engine

LINES = 120_000
# Both streams, more than one log file (10 MB) together; ends with a pause so that the last lines are followed live.
FAST = f"seq 1 {LINES} & (seq -f '%.0f {'e' * 60}' 1 {LINES} >&2); wait; sleep 0.5; echo end; sleep 99"


def numbers(outputs: list[Output], stream: Stream) -> list[int]:
    lines = b"".join(output.data for output in outputs if output.stream is stream).split(b"\n")
    return [int(line.split()[0]) for line in lines if line and line != b"end"]


def test_output_comes_as_it_is(docker_rig: DockerRig) -> None:
    command = (
        "printf 'bad \\377 byte\\na\\rb\\r\\n\\n'; head -c 40000 /dev/zero | tr '\\0' x; echo; echo wrong >&2; "
        "printf 'no end'; sleep 0.2; exit 0"
    )
    docker_rig.start("web-1", docker_rig.base, command=command)
    for output in docker_rig.engine.output("web-1", never):
        if output.data.endswith(b"no end"):
            break
    docker_rig.engine.stop("web-1", 1)
    outputs = list(docker_rig.engine.output("web-1", never))
    out = b"".join(output.data for output in outputs if output.stream is Stream.STDOUT)
    first = b"bad \xff byte\na\rb\r\n\n" + b"x" * 40000 + b"\nno end"
    assert out.startswith(first)
    assert b"".join(output.data for output in outputs if output.stream is Stream.STDERR).startswith(b"wrong\n")


def test_nothing_is_lost_or_repeated_over_rotations_and_cuts(relayed_rig: tuple[DockerRig, Relay]) -> None:
    rig, relay = relayed_rig
    rig.start("web-1", rig.base, command=FAST)
    outputs: list[Output] = []
    over = threading.Event()
    threading.Thread(target=_cut_often, args=(relay, over), daemon=True).start()
    for output in rig.engine.output("web-1", never):
        outputs.append(output)
        if output.data == b"end\n":
            break
    over.set()
    assert relay.cuts >= 3
    for stream in (Stream.STDOUT, Stream.STDERR):
        assert numbers(outputs, stream) == list(range(1, LINES + 1))


def _cut_often(relay: Relay, over: threading.Event) -> None:
    while not over.wait(0.3) and relay.cuts < 8:
        relay.cut()


def test_an_engine_that_is_away_for_a_moment_is_waited_for(relayed_rig: tuple[DockerRig, Relay]) -> None:
    rig, relay = relayed_rig
    rig.start("web-1", rig.base, command="for n in 1 2 3 4 5 6 7 8; do echo $n; sleep 0.2; done; sleep 99")
    threading.Timer(0.6, relay.cut).start()
    outputs: list[Output] = []
    for output in rig.engine.output("web-1", never):
        outputs.append(output)
        if output.data == b"8\n":
            break
    assert text_of(outputs) == "1\n2\n3\n4\n5\n6\n7\n8\n"


def test_a_quiet_instance_can_be_left_at_once(docker_rig: DockerRig) -> None:
    docker_rig.start("web-1", docker_rig.base, command="sleep 99")
    begun = time.monotonic()
    assert list(docker_rig.engine.output("web-1", lambda: time.monotonic() > begun + 1)) == []
    assert time.monotonic() - begun < 15


def test_following_goes_on_where_it_was_told_to(docker_rig: DockerRig) -> None:
    docker_rig.start("web-1", docker_rig.base, command="for n in 1 2 3; do echo $n; sleep 0.1; done; sleep 99")
    first = _followed(docker_rig, "3\n")
    assert text_of(first) == "1\n2\n3\n"
    assert text_of(_followed(docker_rig, "3\n", since=first[0].time)) == "2\n3\n"


def _followed(rig: DockerRig, last: str, since: float = 0.0) -> list[Output]:
    """Up to the last line, and for a moment longer: nothing may come twice."""
    seen: list[Output] = []
    end = time.monotonic() + 60

    def cancelled() -> bool:
        nonlocal end
        if last in text_of(seen):
            end = min(end, time.monotonic() + 0.5)
        return time.monotonic() > end

    for output in rig.engine.output("web-1", cancelled, since):
        seen.append(output)
    return seen


def test_an_engine_that_is_gone_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        DockerEngine("00000000", "unix:///nowhere/docker.sock").output("web-1", never)
