"""What stands in the way of building an image on this machine, in the user's words."""

from __future__ import annotations

from releases.baseimages.host import Host
from services.languages import Recipe


def obstacle(recipe: Recipe | None, host: Host) -> str:
    """The end of a sentence, or empty. Looks at this machine only, not at the network."""
    if not recipe:
        return "Debian has no packages of this version"
    if not host.is_root:
        return "building it from Debian packages needs root"
    if host.missing_programs:
        return f"building it from Debian packages needs the program {host.missing_programs[0]}"
    if not host.mirror:
        return "no Debian mirror is known to build it from (set KINTOHUB_DEBIAN_MIRROR)"
    return ""
