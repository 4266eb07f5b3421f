"""Names of services: they are host names in public addresses and on the environment's network."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

SHORTEST, LONGEST = 3, 48  # with "-" and the environment's code a public host name stays below DNS's 63 characters
SHAPE = re.compile(r"[a-z](?:-?[a-z0-9])*")
# "new" and "connect" are pages of ours; the others mean something else on every network.
RESERVED = frozenset({"new", "connect", "localhost", "host", "gateway", "proxy", "kintohub", "metadata", "docker"})


def check_name(name: str) -> None:
    """Raises ValidationError."""
    if not SHORTEST <= len(name) <= LONGEST:
        raise ValidationError(f"The name must have {SHORTEST} to {LONGEST} characters. This one has {len(name)}.")
    if not SHAPE.fullmatch(name):
        raise ValidationError(
            "Use small letters, digits and single hyphens. Start with a letter, end with a letter or a digit."
        )
    if name in RESERVED:
        raise ValidationError(f"“{name}” is reserved. Choose another name.")


def propose_name(text: str) -> str:
    """A repository's name as a service name: `My_App.js` becomes `my-app-js`. Empty when nothing usable is left."""
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower())
    slug = re.sub(r"^[^a-z]+", "", slug)[:LONGEST].strip("-")
    if len(slug) < SHORTEST or slug in RESERVED:
        slug = f"{slug}-service".strip("-") if slug else ""
    return slug
