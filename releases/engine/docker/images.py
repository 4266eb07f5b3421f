"""Images: find, pull, tag, remove."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from releases.engine.base import Cancel, Cancelled, Emit, EngineError, Image, NotFound, Rejected, Unavailable
from releases.engine.docker.events import json_lines, pull_line
from releases.engine.docker.names import Names
from releases.engine.docker.transport import Transport
from releases.engine.docker.watch import Verdict, Watch, watched

REMOVE_SECONDS = 120  # deleting large layers is slow
_ABSENT = ("not found", "manifest unknown", "access denied", "does not exist", "no matching manifest")


class Images:
    def __init__(self, transport: Transport, names: Names) -> None:
        self._transport = transport
        self._names = names

    def find(self, name: str) -> Image | None:
        details = self.details(name)
        return Image(name, details["Id"], details["Size"]) if details else None

    def details(self, name: str) -> dict[str, Any] | None:
        """All the engine knows about an image; None for one that is absent or another installation's."""
        try:
            with self._transport.sdk() as docker:
                found: dict[str, Any] = docker.inspect_image(name)  # type: ignore[no-untyped-call]
        except (NotFound, Rejected):  # refused: not a possible name
            return None
        return None if self._names.is_foreign(_labels(found)) else found

    def tag(self, digest: str, tag: str) -> None:
        if not self.find(digest):
            raise NotFound(f"There is no image {digest}.")
        repository, version = split_name(tag)
        with self._transport.sdk() as docker:
            docker.tag(digest, repository, version)

    def remove(self, name: str) -> None:
        """Only what this installation built or named; an image that a container still uses stays."""
        details = self.details(name)
        if details and (self._names.owns_image_name(name) or self._names.owns(_labels(details))):
            self._delete(name)

    def remove_untagged(self, image_id: str) -> None:
        """Remove this image and the layers below it that nothing else needs; a named or used one stays."""
        details = self.details(image_id) if image_id else None
        if details and not details.get("RepoTags"):
            self._delete(details["Id"])

    def remove_nameless(self, before: float) -> int:
        """What the engine calls dangling has neither a name nor an image that was made from it."""
        with self._transport.sdk() as docker:
            found = docker.images(filters={**self._names.image_filters, "dangling": True})
        old = [image["Id"] for image in found if image["Created"] < before]
        for image_id in old:
            self.remove_untagged(image_id)
        return sum(self.find(image_id) is None for image_id in old)

    def all(self) -> list[str]:
        """A name, else the digest, of everything that carries this installation's label or name."""
        with self._transport.sdk() as docker:
            labelled = docker.images(filters=self._names.image_filters)
        with self._transport.sdk() as docker:
            named = docker.images(filters={"reference": [self._names.prefix + "*"]})
        tags = {image["Id"]: image.get("RepoTags") or [] for image in labelled + named}
        return [name for digest, names in tags.items() for name in (_real(names) or [digest])]

    def pull(self, name: str, emit: Emit, cancelled: Cancel, seconds: float) -> Image:
        with watched(self._transport, cancelled, seconds) as (exchange, watch):
            try:
                exchange.request("POST", self._pull_target(name))
                self._relay(name, json_lines(exchange.chunks()), emit)
            except EngineError as error:
                raise _pull_error(name, watch, error, seconds) from error
        if watch.verdict:
            raise _pull_error(name, watch, Unavailable("it was cut off"), seconds)
        if image := self.find(name):
            return image
        raise NotFound(f"The registry has no image {name}.")

    def can_pull(self, name: str, seconds: float) -> bool:
        """Asked of the engine, which knows its registry mirrors and proxy."""
        try:
            with watched(self._transport, lambda: False, seconds) as (exchange, _):
                exchange.request("GET", self._transport.target(f"/distribution/{quote(name, safe='')}/json"))
        except EngineError:
            return False
        return True

    def import_tree(
        self,
        name: str,
        tree: Callable[[], Iterator[bytes]],
        changes: Sequence[str],
        cancelled: Cancel,
        seconds: float,
    ) -> Image:
        repository, version = split_name(name)
        params = {"fromSrc": "-", "repo": repository, "tag": version, "changes": "\n".join(changes)}
        with watched(self._transport, cancelled, seconds) as (exchange, watch):
            try:
                exchange.request("POST", self._transport.target("/images/create", params), tree(), "application/x-tar")
                _refuse_errors(json_lines(exchange.chunks()))
            except EngineError as error:
                if watch.verdict:
                    raise _import_error(name, watch, seconds) from error
                raise
        if image := self.find(name):
            return image
        raise Unavailable(f"The Docker engine did not keep the image {name}.")

    def _pull_target(self, name: str) -> str:
        repository, version = split_name(name)
        return self._transport.target("/images/create", {"fromImage": repository, "tag": version})

    def _relay(self, name: str, events: Any, emit: Emit) -> None:
        seen: set[tuple[str, str]] = set()
        for event in events:
            if "error" in event:
                raise Unavailable(str(event["error"]))
            if line := pull_line(event, seen):
                emit(line)

    def _delete(self, name: str) -> None:
        with contextlib.suppress(NotFound, Rejected), self._transport.sdk(REMOVE_SECONDS) as docker:
            docker.remove_image(name)


def split_name(name: str) -> tuple[str, str]:
    """Repository, and tag or digest: a missing tag would mean all of them."""
    if "@" in name:
        repository, _, digest = name.partition("@")
        return repository, digest
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, "latest")


def _pull_error(name: str, watch: Watch, error: EngineError, seconds: float) -> Exception:
    if watch.verdict is Verdict.BROKEN and watch.error:
        return watch.error
    if watch.verdict is Verdict.CANCELLED:
        return Cancelled(f"The download of {name} was cancelled.")
    if watch.verdict is Verdict.LATE:
        return Unavailable(f"The image {name} could not be downloaded within {seconds:g} seconds.")
    if any(text in str(error).lower() for text in _ABSENT):
        return NotFound(f"The registry has no image {name}: {error}")
    if isinstance(error, Rejected) and "invalid reference" in str(error):
        return Rejected(f"{name} is not a possible image name.")
    return Unavailable(f"The image {name} could not be downloaded: {error}")


def _refuse_errors(events: Iterable[dict[str, Any]]) -> None:
    for event in events:
        if "error" in event:
            raise Rejected(str(event["error"]))


def _import_error(name: str, watch: Watch, seconds: float) -> Exception:
    if watch.error:
        return watch.error
    if watch.verdict is Verdict.CANCELLED:
        return Cancelled(f"The import of {name} was cancelled.")
    return Unavailable(f"The image {name} could not be imported within {seconds:g} seconds.")


def _labels(details: dict[str, Any]) -> dict[str, str]:
    return (details.get("Config") or {}).get("Labels") or {}


def _real(tags: list[str]) -> list[str]:
    return [tag for tag in tags if tag != "<none>:<none>"]
