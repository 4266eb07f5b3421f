"""Reads the files of an image's layers, also those that a later layer has removed again.

Exporting an image would write all of it to disk first, base images included: seconds for hundreds of megabytes. Instead
a container that is never started has the engine's own folders of the wanted layers mounted, and is read from.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Generator, Iterator
from typing import Any

from releases.engine.base import Cancel, Cancelled, EngineError, Labels, NotFound, Rejected, Unavailable
from releases.engine.docker.images import Images
from releases.engine.docker.names import Names
from releases.engine.docker.transport import Transport
from releases.engine.docker.watch import Verdict, Watch, watched

PLACE = "/kintohub-layers"
DRIVER = "overlay2"
NOTHING = bytes(1024)  # the end of a tar stream


class Layers:
    def __init__(self, transport: Transport, names: Names, images: Images) -> None:
        self._transport = transport
        self._names = names
        self._images = images

    def read(
        self, name: str, above: int, labels: Labels, cancelled: Cancel, seconds: float
    ) -> Generator[bytes, None, None]:
        details = self._images.details(name)
        if not details:
            raise NotFound(f"There is no image {name}.")
        if cancelled():
            raise Cancelled("Reading the image was cancelled.")  # the watch may come too late for a small one
        folders = dict(enumerate(_folders(details)))
        wanted = {index: folder for index, folder in folders.items() if index >= above}
        if not wanted:
            yield NOTHING
            return
        container = self._create(details["Id"], wanted, labels)
        try:
            yield from self._files(container, cancelled, seconds)
        finally:
            with contextlib.suppress(EngineError), self._transport.sdk() as docker:
                docker.remove_container(container, force=True, v=True)

    def _create(self, image: str, folders: dict[int, str], labels: Labels) -> str:
        """Its labels are those of the release: should this process end here, what is left belongs to nobody else."""
        body = {
            "Image": image,
            "Entrypoint": ["never-started"],
            "Labels": self._names.labels(labels),
            "HostConfig": {
                "NetworkMode": "none",
                "Binds": [f"{folder}:{PLACE}/{index}:ro" for index, folder in folders.items()],
            },
        }
        with self._transport.sdk() as docker:
            created = docker.create_container_from_config(  # type: ignore[no-untyped-call]
                body, self._names.container(f"search-{secrets.token_hex(8)}")
            )
        return str(created["Id"])

    def _files(self, container: str, cancelled: Cancel, seconds: float) -> Iterator[bytes]:
        target = self._transport.target(f"/containers/{container}/archive", {"path": f"{PLACE}/."})
        with watched(self._transport, cancelled, seconds) as (exchange, watch):
            try:
                exchange.request("GET", target)
                yield from exchange.chunks()
            except EngineError as error:
                raise _error(watch, error) from error


def _folders(details: dict[str, Any]) -> list[str]:
    """Of each layer on the engine's disk, the lowest first. Raises Rejected where the engine keeps them otherwise."""
    driver = details.get("GraphDriver") or {}
    data = driver.get("Data") or {}
    lower = [folder for folder in str(data.get("LowerDir") or "").split(":") if folder]
    folders = [*reversed(lower), str(data.get("UpperDir") or "")]
    layers = (details.get("RootFS") or {}).get("Layers") or []
    if driver.get("Name") != DRIVER or len(folders) != len(layers) or not all(folders):
        raise Rejected("This engine does not show the layers of an image.")
    return folders


def _error(watch: Watch, error: EngineError) -> Exception:
    if watch.error:
        return watch.error
    if watch.verdict is Verdict.CANCELLED:
        return Cancelled("Reading the image was cancelled.")
    if watch.verdict is Verdict.LATE:
        return Unavailable("The image could not be read in time.")
    return error
