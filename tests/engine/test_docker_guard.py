"""The attacks work on a real engine when nobody looks first; what is allowed builds there."""

from __future__ import annotations

import http.server
import secrets
import threading
from collections.abc import Iterator

import pytest

from releases.dockerfile.guard import judge
from releases.dockerfile.refused import Refused
from releases.engine.base import Output
from tests.engine.base_image import root_file_system
from tests.engine.rigs import DockerRig, docker_sdk, never, tar_of, text_of

pytestmark = pytest.mark.engine


@pytest.fixture
def public_name(docker_rig: DockerRig) -> Iterator[str]:
    """An image with a name such as a registry has."""
    name = f"example{secrets.token_hex(4)}/base:1"
    docker_rig.engine.import_image(name, lambda: iter([root_file_system()]), ["ENV PATH=/bin"], never, 60)
    yield name
    docker_sdk().remove_image(name)


@pytest.fixture
def inner_page() -> Iterator[str]:
    """A server that listens on this machine's loopback address only."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"inner page")

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/page"
        server.shutdown()


def shortest_id(digest: str) -> str:
    """As few digits as name the image and no other on this engine."""
    others = [image["Id"] for image in docker_sdk().images(all=True) if image["Id"] != digest]
    digits = digest.removeprefix("sha256:")
    return next(digits[:n] for n in range(1, 64) if not any(o.startswith(f"sha256:{digits[:n]}") for o in others))


def printed(rig: DockerRig, dockerfile: str) -> str:
    """What its build prints; of the engine's cache nothing is used from the first stage on."""
    seen: list[Output] = []
    fresh = dockerfile.replace("RUN ", f"RUN : {secrets.token_hex(4)}; ")
    rig.build("attack:1", context=tar_of({"Dockerfile": fresh}), emit=seen.append)
    return text_of(seen)


def test_an_image_by_the_beginning_of_its_id(docker_rig: DockerRig) -> None:
    victim = docker_rig.build_lines("victim:1", f"RUN echo {secrets.token_hex(4)} > /mine; echo theirs >> /mine")
    for name in (shortest_id(victim.digest), f"sha256:{shortest_id(victim.digest)}"):
        for attack in (f"FROM {name}\nRUN cat /mine", f"ARG X={name}\nFROM $X\nRUN cat /mine"):
            assert "theirs" in printed(docker_rig, attack)
            with pytest.raises(Refused):
                judge(attack)


def test_a_fetch_from_the_engines_own_machine(docker_rig: DockerRig, public_name: str, inner_page: str) -> None:
    for source in (inner_page, f'"{inner_page}"', f'["{inner_page}", "/mine"] #'):
        attack = f"FROM {public_name}\nADD {source} /mine\nRUN cat /mine"
        assert "inner page" in printed(docker_rig, attack)
        with pytest.raises(Refused, match=r"^Line 2 "):
            judge(attack)


def test_a_trigger_carried_out_in_a_later_stage(docker_rig: DockerRig, public_name: str, inner_page: str) -> None:
    attack = f"FROM {public_name} AS one\nONBUILD ADD {inner_page} /mine\nFROM one\nRUN cat /mine"
    assert "inner page" in printed(docker_rig, attack)
    with pytest.raises(Refused, match=r"^Line 2 "):
        judge(attack)


def test_the_triggers_of_an_image_are_told(docker_rig: DockerRig) -> None:
    image = docker_rig.build_lines("onbuild:1", "ONBUILD ADD http://127.0.0.1/ /x")
    found = docker_rig.engine.describe_image(image.digest)
    assert found is not None
    assert found.triggers == ("ADD http://127.0.0.1/ /x",)


def test_a_legitimate_file_of_several_stages_builds(docker_rig: DockerRig, public_name: str) -> None:
    text = (
        "# syntax=docker/dockerfile:1\n"
        f"ARG BASE={public_name}\n"
        "from ${BASE} as Build\n"
        "RUN echo made \\\n  # by us\n\n  > /made\n"
        "FROM build AS test\n"
        "ONBUILD RUN echo trig''gered\n"
        f"FROM $BASE\n"
        "COPY --from=BUILD /made /one\n"
        "COPY --from=0 /made /two\n"
        f"COPY --from={public_name} /etc/passwd /three\n"
        "FROM test\n"
        "RUN cat /made\n"
    )
    assert set(judge(text).images) == {public_name}
    said = printed(docker_rig, text)
    assert "triggered" in said
    assert "made\n" in said
