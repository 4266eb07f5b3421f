"""Which names of images a Dockerfile may start from: public ones. The engine holds other services' images too."""

from __future__ import annotations

import ipaddress
import re

PLATFORM_PREFIX = "kh-"
DEFAULT_REGISTRIES = ("docker.io", "index.docker.io", "registry-1.docker.io")
ALGORITHMS = ("sha256", "sha384", "sha512", "blake3")
HEX = re.compile(r"[0-9a-f]+")
COMPONENT = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
REFERENCE = re.compile(
    rf"""
    (?:(?P<registry>localhost(?::\d+)?|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?|[A-Za-z0-9-]+:\d+|\[[0-9a-f:]+\](?::\d+)?)/)?
    (?P<path>{COMPONENT}(?:/{COMPONENT})*)
    (?::(?P<tag>\w[\w.-]{{0,127}}))?
    (?:@sha256:[0-9a-f]{{64}})?
    """,
    re.VERBOSE | re.ASCII,
)


def problem_of(name: str) -> str:
    """A sentence that says why this name is not allowed; empty for an allowed one."""
    found = REFERENCE.fullmatch(name)
    if not found:
        return f"“{name[:80]}” is not the name of a public image, such as python:3.13."
    registry, path = found["registry"] or "", found["path"]
    if not registry and path in ALGORITHMS:
        return "An image is named by its public name, not by an id."
    if not registry and HEX.fullmatch(name):
        return f"“{name}” may be the beginning of an image's id. The public image is docker.io/library/{name}."
    if registry in ("", *DEFAULT_REGISTRIES) and path.removeprefix("library/").startswith(PLATFORM_PREFIX):
        return f"Names that begin with {PLATFORM_PREFIX} are the platform's own."
    if _is_this_machine(registry):
        return "Images are not fetched from the engine's own machine."
    return ""


def _is_this_machine(registry: str) -> bool:
    host = registry.rsplit(":", 1)[0] if registry.count(":") == 1 else registry.partition("]")[0]
    host = host.strip("[]").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
