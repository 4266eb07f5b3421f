"""On a real engine: variables at build leave no trace, and what does leave one is found."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Iterator

import pytest

from releases.canary import search as searching
from releases.canary.search import Search, Searched
from releases.canary.secret import Secret
from releases.dockerfile.guard import judge
from releases.dockerfile.variables import CARRIER, given, script
from releases.engine.base import Cancelled, Labels, Output
from tests.engine.conftest import left_of
from tests.engine.rigs import DockerRig, docker_sdk, never, tar_of, text_of

pytestmark = pytest.mark.engine
VALUE = "tr1cky 'quoted' \"$HOME\" `x` \\ value"


@pytest.fixture
def value() -> Iterator[str]:
    yield f"{VALUE}\nof two lines {secrets.token_hex(8)}"


def build(rig: DockerRig, *lines: str, variables: dict[str, str], **files: str) -> str:
    """What is printed. As the plan of a repository's own Dockerfile has it."""
    text = "\n".join([f"FROM {rig.base}", *lines, ""])
    written = given(text, judge(text.replace(rig.base, "base")).instructions, "f1")
    seen: list[Output] = []
    rig.build(
        "app:1",
        context=tar_of({"Dockerfile": written, **files}),
        build_args={CARRIER: script(variables), "http_proxy": ""},
        emit=seen.append,
    )
    return text_of(seen)


def search(rig: DockerRig, value: str, **options: float) -> Searched:
    digest = docker_sdk().inspect_image(rig.tag("app:1"))["Id"]
    bounds = {"seconds": 60.0, "limit": 10**8, **options}
    found = Search(rig.engine, digest, 1, [Secret("TOKEN", value)], Labels(release="9"), never, **bounds).run()  # type: ignore[arg-type]
    assert left_of(rig.installation).containers == []
    return found


def everything_about(image: str) -> str:
    """Of the image and of all it was made of, as the engine has it."""
    told, docker = [], docker_sdk()
    while image:
        details = docker.inspect_image(image)
        told.append(json.dumps([details, docker.history(image)]))
        image = details["Parent"]
    return "\n".join(told)


def test_the_commands_have_the_variables_and_the_image_does_not(docker_rig: DockerRig, value: str) -> None:
    printed = build(
        docker_rig,
        'RUN printf "%s|" "$TOKEN" && \\\n  # a comment\n  echo "$OTHER" && echo "carrier: $FTP_PROXY" && touch /made',
        "ENV OTHER=mine",
        'RUN echo again "$TOKEN" | head -n 1',
        variables={"TOKEN": value, "OTHER": "other"},
    )
    assert f"{value}|other\ncarrier: \n" in printed
    assert f"again {VALUE}\n" in printed
    told = everything_about(docker_rig.tag("app:1"))
    assert "touch /made" in told
    assert value.splitlines()[1] not in told
    assert "tr1cky" not in told
    found = search(docker_rig, value)
    assert (found.finds, found.stopped) == ((), "")
    assert found.size > 0


def test_another_value_is_not_taken_from_the_cache(docker_rig: DockerRig) -> None:
    text = f"FROM {docker_rig.base}\nRUN echo made with $TOKEN {secrets.token_hex(4)}\n"
    printed = []
    for fingerprint, value in (("f1", "one"), ("f2", "two")):
        seen: list[Output] = []
        written = given(text, judge(text.replace(docker_rig.base, "base")).instructions, fingerprint)
        arguments = {CARRIER: script({"TOKEN": value})}
        docker_rig.build("app:1", context=tar_of({"Dockerfile": written}), build_args=arguments, emit=seen.append)
        printed.append(text_of(seen))
    assert "made with one" in printed[0]
    assert "made with two" in printed[1]


def test_a_build_argument_is_found_in_the_history(docker_rig: DockerRig, value: str) -> None:
    line = value.splitlines()[1]
    docker_rig.build_lines("app:1", "ARG TOKEN", "RUN echo using it", build_args={"TOKEN": line})
    (find,) = search(docker_rig, line).finds
    assert (find.secret, find.path) == ("TOKEN", "")
    assert "RUN echo using it" in find.instruction
    assert line not in find.instruction


def test_a_variable_of_the_image_is_found_with_its_instruction(docker_rig: DockerRig, value: str) -> None:
    line = value.splitlines()[1]
    docker_rig.build_lines("app:1", f'ENV TOKEN="{line}"')
    assert [find.instruction for find in search(docker_rig, line).finds] == ["ENV TOKEN=••••••"]


def test_a_file_is_found_with_its_layer_although_it_was_removed(docker_rig: DockerRig, value: str) -> None:
    line = value.splitlines()[1]
    build(
        docker_rig,
        "RUN touch /first",
        "COPY config /app/config",
        "RUN rm /app/config && touch /last",
        variables={},
        config="a" * 3_000_000 + line + "b" * 100,
    )
    (find,) = search(docker_rig, line).finds
    assert (find.path, find.layer) == ("app/config", 2)
    assert find.instruction.startswith("COPY file:")


def test_what_a_command_wrote_is_found_encoded(docker_rig: DockerRig, value: str) -> None:
    line = value.splitlines()[1]
    build(
        docker_rig,
        "RUN mkdir /x",
        "RUN echo token=$TOKEN | perl -MMIME::Base64 -pe '$_ = encode_base64(\"u:$_\")' > /x/y || echo $TOKEN > /x/y",
        variables={"TOKEN": line},
    )
    (find,) = search(docker_rig, line).finds
    assert find.path == "x/y"
    assert find.instruction.startswith("RUN eval")


def test_the_search_ends_at_its_bounds_and_says_so(
    docker_rig: DockerRig, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "LENIENCE", 30.0)
    build(docker_rig, "RUN head -c 30000000 /dev/zero > /big && echo $TOKEN > /zz", variables={"TOKEN": value})
    found = search(docker_rig, value, limit=5_000_000)
    assert found.finds == ()
    assert "bound" in found.stopped
    assert found.size < 7_000_000
    assert "not every file" in search(docker_rig, value, seconds=0.0).stopped


def test_the_layers_below_the_build_are_not_read(docker_rig: DockerRig) -> None:
    build(docker_rig, "RUN echo small > /small", variables={})
    assert search(docker_rig, "n0t-there-at-all").size < 20_000


def test_reading_layers_can_be_cancelled(docker_rig: DockerRig) -> None:
    docker_rig.build_lines("app:1", "RUN head -c 30000000 /dev/zero > /big")
    cancelled = threading.Event()
    stream = docker_rig.engine.read_layers(docker_rig.tag("app:1"), 1, Labels(), cancelled.is_set, 60)
    next(stream)
    cancelled.set()
    with pytest.raises(Cancelled):
        for _ in stream:
            time.sleep(0.05)  # all of it would take half a minute
    assert left_of(docker_rig.installation).containers == []
