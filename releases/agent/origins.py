"""Which service and release an instance belongs to, from its labels."""

from __future__ import annotations

from dataclasses import dataclass, field

from releases.agent.console import newest_event, shown_as
from releases.engine.base import Labels
from releases.models import LogStream, Release
from releases.models.log import OF_A_SERVICE


@dataclass(frozen=True)
class Origin:
    """`source` is what the console calls the instance; `secrets` are masked in what it prints."""

    service: int
    release: int
    source: str
    secrets: tuple[str, ...] = field(repr=False)


def origin_of(labels: Labels) -> Origin | None:
    """None for what no release knows: an orphan that will be removed, or a container that is no instance."""
    if not labels.release.isdecimal() or not labels.instance:
        return None
    release = Release.objects.select_related("service").filter(pk=int(labels.release)).first()
    if release is None:
        return None
    source = shown_as(release.service.name, release.number, labels.instance)
    return Origin(release.service_id, release.pk, source, tuple(release.secrets))


def console_of(service_id: int) -> LogStream:
    """The service's stream, which is made when it is missing. Raises IntegrityError when the service is gone."""
    return LogStream.objects.get_or_create(service_id=service_id)[0]


def last_event() -> int:
    """Of all consoles, in ns; 0 when no event was ever written down."""
    cursors = LogStream.objects.filter(OF_A_SERVICE).values_list("cursor", flat=True)
    return max((newest_event(cursor) for cursor in cursors), default=0)
