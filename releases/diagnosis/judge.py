"""Chooses the cause that fits the facts best."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from releases.diagnosis.catalogue import CATALOGUE
from releases.diagnosis.cause import Cause, Finding
from releases.diagnosis.facts import Facts

logger = logging.getLogger(__name__)


def judge(facts: Facts) -> tuple[Cause, Finding]:
    """The surest of all findings; among equally sure ones the first of the catalogue, whose last entry always fits."""
    return max(_findings(facts), key=lambda found: found[1].confidence)


def _findings(facts: Facts) -> Iterator[tuple[Cause, Finding]]:
    """An entry that stumbles over facts which nobody thought of must not hide what the others find."""
    for cause in CATALOGUE:
        try:
            finding = cause.match(facts)
        except (LookupError, ValueError, TypeError, AttributeError):
            logger.exception("The cause %s could not judge the facts.", cause.code)
            continue
        if finding is not None:
            yield cause, finding
