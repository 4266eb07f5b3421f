"""What can be done with a service as a whole now, with a sentence on what will happen."""

from __future__ import annotations

from dataclasses import dataclass

from releases.models import Release
from services.models import Service


@dataclass(frozen=True)
class Verb:
    """`name` is that of its address (`service_<name>`); with an `obstacle` it cannot be done now."""

    name: str
    label: str
    icon: str
    sentence: str
    obstacle: str = ""


def verbs(service: Service, live: Release | None, suspended: Release | None) -> list[Verb]:
    """At most Suspend and Restart, or Resume; none before anything was live."""
    busy = Release.objects.unfinished().filter(service=service).exists()
    if live is not None:
        return [_restart(live), _suspend(service, live, busy)]
    return [_resume(suspended, busy)] if suspended is not None else []


def _restart(live: Release) -> Verb:
    sentence = (
        f"Release #{live.number} is started once more, as a new release from its stored build: "
        "new instances first, and the old ones stop when the new ones answer."
    )
    return Verb("restart", "Restart", "rotate-cw", sentence)


def _suspend(service: Service, live: Release, busy: bool) -> Verb:
    count = live.settings.instances
    instances = "The instance" if count == 1 else f"The {count} instances"
    sentence = (
        f"{instances} of release #{live.number} will be stopped and {service.address} stops answering. "
        "Settings, releases and builds stay, and Resume brings the release back."
    )
    wait = "A release of this service is being deployed. Wait for it, or abort it first."
    return Verb("suspend", "Suspend", "circle-pause", sentence, wait if busy else "")


def _resume(suspended: Release, busy: bool) -> Verb:
    sentence = (
        f"Release #{suspended.number} is started again, as a new release from its stored build. "
        "The address answers as soon as its checks have passed."
    )
    return Verb("resume", "Resume", "circle-play", sentence, "A release of this service is on its way." if busy else "")
