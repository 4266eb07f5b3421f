"""The same wishes for every engine: what a test wants an image to do, put in each engine's own way."""

from __future__ import annotations

import io
import os
import secrets
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from docker import APIClient

from releases.engine.base import (
    BuildRequest,
    Cancel,
    Emit,
    Engine,
    Family,
    Image,
    Instance,
    InstanceRequest,
    Labels,
    Limits,
    Listener,
    Output,
)
from releases.engine.docker import DockerEngine
from releases.engine.memory import Behaviour, MemoryEngine

LIMITS = Limits(memory_mb=64, cpu=1.0, processes=64)


@dataclass(frozen=True)
class Recipe:
    """The build prints `says` and fails with `breaks`; instances print `prints` and go on, or exit with `exits`.

    With `serves` they listen on port 8000 of that address, and answer with `status` and `body`.
    """

    says: str = "built"
    prints: str = "ready"
    exits: int | None = None
    breaks: int = 0
    lasts: float = 0.0
    serves: str = ""
    status: int = 200
    body: str = ""


def tar_of(files: dict[str, str]) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for name, text in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(text.encode())
                tar.addfile(info, io.BytesIO(text.encode()))
        yield buffer.getvalue()

    return pieces


def never() -> bool:
    return False


def ignore(output: Output) -> None:
    """For builds whose output does not matter."""


def text_of(outputs: list[Output]) -> str:
    return b"".join(output.data for output in outputs).decode()


def output_of(rig: Rig, name: str, until: str, seconds: float = 60.0) -> str:
    """What an instance prints, up to this text or what comes with it."""
    deadline = time.monotonic() + seconds
    seen: list[Output] = []
    for output in rig.engine.output(name, lambda: time.monotonic() > deadline):
        seen.append(output)
        if until in text_of(seen):
            break
    return text_of(seen)


def docker_sdk() -> APIClient:
    """To look at the engine without the code under test."""
    return APIClient(base_url="unix:///var/run/docker.sock", version="1.41", timeout=60)


# The arguments are an installation, its base image, and what makes the steps new.
CUT_OFF = """
import sys
from tests.engine.rigs import DockerRig
rig = DockerRig(sys.argv[2], installation=sys.argv[1])
[(name, value)] = rig.engine.mark().items()
rig.build_lines("cut:1", f"LABEL {name}={value}", f"RUN echo {sys.argv[3]}", "RUN sleep 100", is_marked=True)
"""


class Rig:
    """One engine of an installation of its own."""

    engine: Engine

    def __init__(self, installation: str = "") -> None:
        self.installation = installation or secrets.token_hex(4)

    def tag(self, name: str) -> str:
        return f"kh-{self.installation}-{name}"

    def prepare(self, tag: str, recipe: Recipe) -> str:
        """The Dockerfile for this recipe."""
        raise NotImplementedError

    def request(self, name: str, recipe: Recipe, **changes: Any) -> BuildRequest:
        files = {"Dockerfile": self.prepare(self.tag(name), recipe)}
        values = {"tag": self.tag(name), "context": tar_of(files), "dockerfile": "Dockerfile"}
        return BuildRequest(**({"limits": LIMITS, "seconds": 60.0} | values | changes))

    def build(
        self, name: str, recipe: Recipe | None = None, emit: Emit = ignore, cancelled: Cancel = never, **changes: Any
    ) -> Image:
        return self.engine.build(self.request(name, recipe or Recipe(), **changes), emit, cancelled)

    def start(self, name: str, image: str, place: str = "e1", **changes: Any) -> Instance:
        values = {"limits": LIMITS, "labels": Labels(environment=place, service="7", release="9")}
        network = self.engine.ensure_network(place)
        return self.engine.start(
            InstanceRequest(name=name, image=image, network=network, **({"alias": "web"} | values | changes))
        )

    def cut_off(self) -> str:
        """Begin a build in a process that is killed. The digest of the step that it has left, which has no name."""
        raise NotImplementedError

    def crash(self, name: str) -> None:
        """End the instance's program as if by itself; the engine runs it again."""
        raise NotImplementedError


class MemoryRig(Rig):
    def __init__(self) -> None:
        super().__init__()
        self.engine = self.memory = MemoryEngine(self.installation)

    def cut_off(self) -> str:
        return self.memory.cut_off(time.time())

    def crash(self, name: str) -> None:
        self.memory.crash(name, 9)
        self.memory.restart(name)

    def prepare(self, tag: str, recipe: Recipe) -> str:
        behaviour = Behaviour(
            build_lines=(f"Step 1/1 : RUN {recipe.says}", recipe.says),
            build_exit_code=recipe.breaks,
            build_seconds=recipe.lasts,
            lines=(recipe.prints,),
            exit_code=recipe.exits,
            status=recipe.status,
            body=recipe.body,
            listeners=(Listener(Family.IPV4, recipe.serves, 8000, "serve"),) if recipe.serves else (),
        )
        self.memory.behave(tag, behaviour)
        return str(recipe)


class DockerRig(Rig):
    def __init__(self, base: str, base_url: str | None = None, installation: str = "") -> None:
        super().__init__(installation)
        self.engine = self.docker = DockerEngine(self.installation, base_url)
        self.base = base

    def prepare(self, tag: str, recipe: Recipe) -> str:
        then = "exec sleep 1000" if recipe.exits is None else f"exit {recipe.exits}"
        if recipe.serves:
            then = f"exec serve {recipe.status} {recipe.serves.replace('.', ',')} {recipe.body}"
        run = f"RUN echo {recipe.says}; sleep {recipe.lasts}; exit {recipe.breaks}"
        return f'FROM {self.base}\n{run}\nCMD ["sh", "-c", "echo {recipe.prints}; {then}"]\n'

    def cut_off(self) -> str:
        before = self._nameless()
        line = [sys.executable, "-c", CUT_OFF, self.installation, self.base, secrets.token_hex(4)]
        with subprocess.Popen(line) as worker:
            deadline = time.monotonic() + 60
            while not self._nameless() - before:
                assert worker.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
            time.sleep(0.5)  # the step after it runs
            worker.kill()
        [digest] = self._nameless() - before
        return digest

    def _nameless(self) -> set[str]:
        labelled = {"label": f"kintohub.installation={self.installation}", "dangling": True}
        return {image["Id"] for image in docker_sdk().images(filters=labelled)}

    def crash(self, name: str) -> None:
        container = docker_sdk().inspect_container(self.engine.inspect(name).id)
        os.kill(container["State"]["Pid"], signal.SIGKILL)

    def build_lines(self, name: str, *lines: str, **options: Any) -> Image:
        """Build `FROM` the base image with these further lines."""
        emit, cancelled = options.pop("emit", ignore), options.pop("cancelled", never)
        context = tar_of({"Dockerfile": "\n".join([f"FROM {self.base}", *lines, ""])})
        request = self.request(name, Recipe(), **({"context": context} | options))
        return self.engine.build(request, emit, cancelled)
