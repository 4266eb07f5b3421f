"""Which images of the table the engine can have, and the rows that tell the forms."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from releases.baseimages.candidates import Versions, candidates, lacking
from releases.baseimages.ensure import Means
from releases.baseimages.host import Host
from releases.baseimages.mirror import Mirror
from releases.baseimages.network import answers
from releases.baseimages.obstacles import obstacle
from releases.baseimages.this_host import means
from releases.engine.base import Engine
from releases.engine.registry import engine_for
from services.languages import LANGUAGES, ROLLING, Language, Recipe, Version
from services.models import Availability, BaseImage

REGISTRY_SECONDS = 6.0
ASKED = 2  # an image of the table may be gone from a registry that answers


@dataclass(frozen=True)
class Finding:
    """`reason` is a sentence for an image that cannot be had, else empty."""

    language: Language
    version: Version
    availability: Availability
    reason: str = ""


@dataclass(frozen=True)
class Network:
    """What answers: the images' registry, else Debian's mirror for these suites, with the versions of packages that
    rolling ones have now, as far as they are known.
    """

    registry: bool
    suites: dict[str, Versions]


def refresh_availability() -> None:
    """Look again and store it. Raises EngineError when the engine does not answer; the rows stay as they are then."""
    store(check_all(engine_for(settings.ENGINE, settings.INSTALLATION_ID), means()))


def check_all(engine: Engine, means: Means) -> list[Finding]:
    """No image is fetched or built. Takes about `REGISTRY_SECONDS` at most, and where no registry answers, once a day,
    the seconds that a package list takes; raises EngineError.
    """
    engine.ping()
    versions = [(language, version) for language in LANGUAGES for version in language.versions]
    present = {version.image for _, version in versions if engine.find_image(version.image)}
    if len(present) == len(versions):
        return [Finding(language, version, Availability.PRESENT) for language, version in versions]
    network = _look(engine, means, present)
    return [_judge(language, version, version.image in present, network, means) for language, version in versions]


@transaction.atomic
def store(findings: Iterable[Finding]) -> None:
    rows = [
        BaseImage(
            language=finding.language.key,
            version=finding.version.number,
            image=finding.version.image,
            availability=finding.availability,
            reason=finding.reason,
        )
        for finding in findings
    ]
    for row in BaseImage.objects.all():
        if (row.language, row.version) not in {(new.language, new.version) for new in rows}:
            row.delete()
    BaseImage.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["language", "version"],
        update_fields=["image", "availability", "reason", "checked_at"],
    )


def _samples(means: Means, present: set[str]) -> list[str]:
    """Images to ask the registry about: as few as possible, for registries count such questions."""
    defaults = [v.image for language in LANGUAGES for v in language.versions if v.number == language.default_version]
    return [image for image in defaults if image not in present and not means.refusals.covers(image)][:ASKED]


def _look(engine: Engine, means: Means, present: set[str]) -> Network:
    """Package lists are worth their megabytes only where no registry answers."""
    recipes = [version.recipe for language in LANGUAGES for version in language.versions if version.recipe]
    suites = {recipe.suite for recipe in recipes}
    with ThreadPoolExecutor(max_workers=ASKED + len(suites)) as pool:
        mirrored = {suite: pool.submit(_mirrors, means.host.mirror, suite) for suite in suites}
        asked = [pool.submit(engine.can_pull, image, REGISTRY_SECONDS) for image in _samples(means, present)]
    if any(one.result() for one in asked):
        return Network(True, {})
    answering = [suite for suite, one in mirrored.items() if one.result()]
    return Network(False, {suite: _versions(means.host, suite, recipes) for suite in answering})


def _mirrors(mirror: Mirror | None, suite: str) -> bool:
    return mirror is not None and answers(f"{mirror.packages}/dists/{suite}/InRelease")


def _versions(host: Host, suite: str, recipes: Iterable[Recipe]) -> Versions:
    return candidates(host, [recipe for recipe in recipes if recipe.suite == suite]) if suite in ROLLING else {}


def _judge(language: Language, version: Version, present: bool, network: Network, means: Means) -> Finding:
    if present:
        return Finding(language, version, Availability.PRESENT)
    if network.registry:
        return Finding(language, version, Availability.PULLABLE)
    if not version.recipe:
        reason = f"Debian has no {language.label} {version.number}"
    else:
        reason = obstacle(version.recipe, means.host)
        if not reason and version.recipe.suite not in network.suites:
            reason = f"the Debian mirror does not answer for {version.recipe.suite}"
        reason = reason or lacking(version.recipe, network.suites[version.recipe.suite])
    if reason:
        return Finding(language, version, Availability.UNAVAILABLE, f"The registry cannot be reached and {reason}.")
    return Finding(language, version, Availability.BUILDABLE)
