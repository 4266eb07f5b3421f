"""The rows of the service list: services with their releases, in three queries however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from releases.models import Release, Status
from releases.models.release import ReleaseQuerySet
from releases.views.header import FROZEN, UNTOLD, missed_of, state_of
from services.models import Environment, Service

STRIP = 10


@dataclass(frozen=True)
class Row:
    """`serving` is the live release, or the suspended one; `recent` is newest first, at most `STRIP` of them."""

    service: Service
    serving: Release | None
    recent: list[Release]

    @property
    def live(self) -> Release | None:
        return self.serving if self.serving and self.serving.status == Status.LIVE else None

    @property
    def state(self) -> str:
        return state_of(self.newest, self.serving)

    @property
    def missed(self) -> Release | None:
        return missed_of(self.newest, self.serving)

    @property
    def newest(self) -> Release | None:
        return self.recent[0] if self.recent else None

    @property
    def strip(self) -> list[Release]:
        """Oldest first, as time runs."""
        return self.recent[::-1]

    @property
    def gaps(self) -> range:
        """Places of the strip that have no release yet."""
        return range(STRIP - len(self.recent))


def rows(environment: Environment, search: str = "") -> list[Row]:
    """By name; `search` are words of the name or the repository."""
    services = list(_services(environment, search))
    last = _releases(services).filter(status__in=(Status.LIVE, Status.SUSPENDED))
    serving = {release.service_id: release for release in last}
    recent = _recent(services)
    return [Row(service, serving.get(service.pk), recent.get(service.pk, [])) for service in services]


def _services(environment: Environment, search: str) -> Iterable[Service]:
    services = Service.objects.present().filter(environment=environment).select_related("build").defer("credentials")
    words = search.split()
    for word in words[:5]:
        services = services.filter(name__icontains=word) | services.filter(repository_url__icontains=word)
    return services.order_by("name")


def _releases(services: list[Service]) -> ReleaseQuerySet:
    return (
        Release.objects.filter(service__in=services).select_related("requested_by", "diagnosis").defer(*FROZEN, *UNTOLD)
    )


def _recent(services: list[Service]) -> dict[int, list[Release]]:
    place = Window(RowNumber(), partition_by=F("service"), order_by=F("number").desc())
    found: dict[int, list[Release]] = {}
    for release in _releases(services).annotate(place=place).filter(place__lte=STRIP).order_by("service", "-number"):
        found.setdefault(release.service_id, []).append(release)
    return found
