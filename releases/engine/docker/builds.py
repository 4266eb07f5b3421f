"""Runs one build with the engine's classic builder, over a connection that can be cut at any moment.

The classic builder because its log is complete, it bounds memory and CPU of each build, and its running step is a
container that can be killed; BuildKit over the same API has none of the three.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from releases.engine.base import (
    BuildFailed,
    BuildRequest,
    Cancel,
    Cancelled,
    Emit,
    EngineError,
    Image,
    NotFound,
    Rejected,
    Unavailable,
)
from releases.engine.docker.events import BuildProgress, json_lines
from releases.engine.docker.exchange import Exchange
from releases.engine.docker.images import Images
from releases.engine.docker.names import Names
from releases.engine.docker.transport import Transport
from releases.engine.docker.watch import SPARE_SECONDS, Verdict, Watch

CPU_PERIOD = 100_000
SHARED_MEMORY = 64 * 1024 * 1024
MIB = 1024 * 1024
KILLED = 137
KILL_SECONDS = 3
GONE_SECONDS = 5.0


class Build:
    """One use per build. What `run` raises or returns is final; nothing of a cancelled build stays."""

    def __init__(
        self, transport: Transport, names: Names, images: Images, network: str, request: BuildRequest, emit: Emit
    ) -> None:
        self._transport = transport
        self._names = names
        self._images = images
        self._network = network
        self._request = request
        self._emit = emit
        self._progress = BuildProgress()
        self._container = ""
        self._events: Iterator[dict[str, Any]] = iter(())
        self._over = threading.Event()
        self._previous = images.find(request.tag)

    def run(self, cancelled: Cancel) -> Image:
        try:
            image = self._run(cancelled)
        except BuildFailed:
            self._clean_up(self._keep_steps)
            raise
        except BaseException:
            self._clean_up(self._discard)
            raise
        self._images.remove(self._cache_name)
        if self._previous and self._previous.digest != image.digest:
            self._images.remove_untagged(self._previous.digest)
        return image

    def _run(self, cancelled: Cancel) -> Image:
        with (
            self._transport.open(self._request.seconds + SPARE_SECONDS) as exchange,
            Watch(cancelled, lambda: self._stop_in_time(exchange), self._request.seconds) as watch,
        ):
            try:
                self._talk(exchange, watch)
            except BaseException:
                self._stop(exchange)
                self._hear_out(exchange)
                self._raise_verdict(watch)
                raise
            finally:
                self._over.set()
        self._raise_verdict(watch)
        return self._result()

    def _talk(self, exchange: Exchange, watch: Watch) -> None:
        self._send(exchange)
        self._events = json_lines(exchange.chunks())
        for event in self._events:
            output = self._progress.take(event)
            if watch.verdict:
                continue  # the builder cleans up, and then ends
            if self._progress.container:
                self._adopt(self._progress.container)
            if output:
                self._emit(output)

    def _send(self, exchange: Exchange) -> None:
        target = self._transport.target("/build", _parameters(self._request, self._network, self._names))
        context = self._request.context()
        try:
            exchange.request("POST", target, context, "application/x-tar")
        except (Rejected, NotFound) as error:
            raise BuildFailed(str(error)) from error
        finally:
            if close := getattr(context, "close", None):
                close()

    def _adopt(self, container: str) -> None:
        """Remember the running step, to kill it, and bound its processes, for which a build has no parameter.

        The id comes from a line that user output can imitate: only containers on the build network are touched.
        """
        if not self._progress.instruction.upper().startswith(("RUN", "FROM")):  # FROM: triggers of the base image
            return
        with contextlib.suppress(EngineError):
            with self._transport.sdk(KILL_SECONDS) as docker:
                details = docker.inspect_container(container)
            if details["HostConfig"]["NetworkMode"] != self._network:
                return
            self._container = details["Id"]
            limit = {"PidsLimit": self._request.limits.processes}
            self._transport.send("POST", f"/containers/{self._container}/update", body=limit, seconds=KILL_SECONDS)

    def _stop(self, exchange: Exchange) -> None:
        """The builder notices that we hang up after 50 ms, and its step ends at once when it is killed."""
        exchange.hang_up()
        if self._container:
            with contextlib.suppress(EngineError), self._transport.sdk(KILL_SECONDS) as docker:
                docker.kill(self._container)

    def _stop_in_time(self, exchange: Exchange) -> None:
        """Copying a large context is the one thing the builder does not interrupt: it is left to finish alone."""
        self._stop(exchange)
        if not self._over.wait(GONE_SECONDS):
            exchange.abort()

    def _hear_out(self, exchange: Exchange) -> None:
        """Until the builder has cleaned up. What it says now goes nowhere, but names the images it leaves."""
        deadline = time.monotonic() + GONE_SECONDS
        exchange.limit(GONE_SECONDS)
        with contextlib.suppress(EngineError):
            for event in self._events:
                self._progress.take(event)
                if time.monotonic() > deadline:
                    return

    def _raise_verdict(self, watch: Watch) -> None:
        if watch.error:
            raise watch.error
        if watch.verdict is Verdict.CANCELLED:
            raise Cancelled("The build was cancelled.")
        if watch.verdict is Verdict.LATE:
            seconds = f"{self._request.seconds:g} seconds"
            raise BuildFailed(
                f"The build was stopped: it took longer than its limit of {seconds}.",
                instruction=self._progress.instruction,
            )

    def _result(self) -> Image:
        progress = self._progress
        if progress.error:
            raise BuildFailed(self._explanation(), exit_code=progress.exit_code, instruction=progress.instruction)
        image = self._images.find(self._request.tag) if progress.result else None
        if not image:
            raise Unavailable("The Docker engine ended the build without a result.")
        return image

    def _explanation(self) -> str:
        if self._progress.exit_code != KILLED:
            return self._progress.error
        return (
            f"{self._progress.error}. The command was killed, most likely because it needed more than its "
            f"{self._request.limits.memory_mb} MB of memory."
        )

    @property
    def _cache_name(self) -> str:
        return self._names.cache_image(self._request.labels.service or self._request.tag)

    def _clean_up(self, images: Callable[[], None]) -> None:
        """An engine that fails at this too must not hide why the build ended."""
        with contextlib.suppress(EngineError):
            self._wait_until_gone()
            images()

    def _wait_until_gone(self) -> None:
        """The builder removes the step's container itself, a moment after the connection is lost."""
        if not self._container:
            return
        deadline = time.monotonic() + GONE_SECONDS
        with contextlib.suppress(NotFound):
            while time.monotonic() < deadline:
                with self._transport.sdk(KILL_SECONDS) as docker:
                    docker.inspect_container(self._container)
                time.sleep(0.05)
            with self._transport.sdk() as docker:
                docker.remove_container(self._container, force=True, v=True)

    def _keep_steps(self) -> None:
        """Name the last finished step of a failed build: the next try continues there, and nothing nameless stays."""
        details = self._images.details(self._progress.image) if self._progress.image else None
        if details and not details.get("RepoTags"):
            before = self._images.find(self._cache_name)
            self._images.tag(details["Id"], self._cache_name)
            self._images.remove_untagged(before.digest if before else "")

    def _discard(self) -> None:
        image = self._images.find(self._request.tag)
        if image and (not self._previous or image.digest != self._previous.digest):
            self._images.remove(self._request.tag)
        self._images.remove_untagged(self._progress.image)


def _parameters(request: BuildRequest, network: str, names: Names) -> dict[str, object]:
    memory = request.limits.memory_mb * MIB
    return {
        "t": request.tag,
        "dockerfile": request.dockerfile,
        "rm": True,
        "forcerm": True,
        "labels": {} if request.shared or request.is_marked else names.image_labels,
        "buildargs": dict(request.build_args),
        "memory": memory,
        "memswap": memory,
        "cpuperiod": CPU_PERIOD,
        "cpuquota": int(request.limits.cpu * CPU_PERIOD),
        "shmsize": SHARED_MEMORY,
        "networkmode": network,
    }
