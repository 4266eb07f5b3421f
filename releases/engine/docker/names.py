"""Names and labels of everything this installation owns on the engine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from releases.engine.base import Labels

PREFIX = "kintohub."
MANAGED = PREFIX + "managed"
INSTALLATION = PREFIX + "installation"
ADDRESS = PREFIX + "address"
FIELDS = ("environment", "service", "release", "instance")


@dataclass(frozen=True)
class Names:
    """Derives every name and label from ids, so that two installations on one engine never meet."""

    installation: str

    @property
    def prefix(self) -> str:
        return f"kh-{self.installation}-"

    @property
    def build_network(self) -> str:
        """No environment can be called so: the names of theirs continue with a hyphen."""
        return f"kh-{self.installation}_build"

    def container(self, instance: str) -> str:
        return self.prefix + instance

    def instance(self, container: str) -> str:
        return container.removeprefix("/").removeprefix(self.prefix)

    def network(self, environment: str) -> str:
        return self.prefix + environment

    def cache_image(self, service: str) -> str:
        """Holds the finished steps of a service's failed build, so that the next try continues there."""
        return f"{self.prefix}cache:{_digest(service)[:16]}"

    def owns_image_name(self, name: str) -> bool:
        return name.startswith(self.prefix)

    def owns(self, labels: Mapping[str, str] | None) -> bool:
        return (labels or {}).get(INSTALLATION) == self.installation

    def is_foreign(self, labels: Mapping[str, str] | None) -> bool:
        """Belongs to another installation; what carries no label at all (a public image) does not."""
        return INSTALLATION in (labels or {}) and not self.owns(labels)

    @property
    def image_labels(self) -> dict[str, str]:
        """One, and always the same: the builder makes a step of each, 90 ms unless its cache has it.

        Which release an image is of is in its tag.
        """
        return {INSTALLATION: self.installation}

    def labels(self, labels: Labels | None = None) -> dict[str, str]:
        """What to write on an object, and equally what to ask for: empty fields are left out."""
        written = {MANAGED: "1", INSTALLATION: self.installation}
        for name in FIELDS if labels else ():
            if value := getattr(labels, name):
                written[PREFIX + name] = value
        return written

    def filters(self, labels: Labels | None = None) -> dict[str, list[str]]:
        return {"label": [f"{key}={value}" for key, value in self.labels(labels).items()]}

    @property
    def image_filters(self) -> dict[str, list[str]]:
        return {"label": [f"{key}={value}" for key, value in self.image_labels.items()]}


def read_labels(labels: Mapping[str, str]) -> Labels:
    return Labels(**{name: labels.get(PREFIX + name, "") for name in FIELDS})


def bridge_interface(network: str) -> str:
    """At most 15 characters, and one prefix for all, so that one firewall rule (`-i kh-+`) covers them."""
    return "kh-" + _digest(network)[:12]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode()).hexdigest()
