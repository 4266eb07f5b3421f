"""Which Debian mirror the host itself uses, read from its own apt sources (both formats)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_CLASSIC = re.compile(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$")


@dataclass(frozen=True)
class Source:
    """One line of apt's sources: packages of `suite` below `uri`."""

    uri: str
    suite: str
    components: tuple[str, ...]


@dataclass(frozen=True)
class Mirror:
    """Addresses without a slash at the end; `security` is empty where the host has no source for security updates."""

    packages: str
    security: str = ""


def find_mirror(etc: Path, fallback: str) -> Mirror | None:
    """The mirror of a Debian host, else the one in `fallback` (an operator's setting; empty for none)."""
    if fallback:
        return Mirror(fallback.rstrip("/"))
    codename = _codename(etc / "os-release")
    sources = [source for source in read_sources(etc / "apt") if "main" in source.components] if codename else []
    packages = [source.uri for source in sources if source.suite in (codename, "stable")]
    security = [source.uri for source in sources if source.suite in (f"{codename}-security", "stable-security")]
    return Mirror(packages[0], security[0] if security else "") if packages else None


def read_sources(apt: Path) -> list[Source]:
    """All enabled sources of binary packages that are fetched over the network without a password."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    found = [source for file in files if file.is_file() for source in _parse(file)]
    return [source for source in found if source.uri.startswith(("http://", "https://")) and "@" not in source.uri]


def _codename(os_release: Path) -> str:
    """Debian's own only: a derivative's mirror has other suites under other keys."""
    if not os_release.is_file():
        return ""
    pairs = (line.partition("=") for line in os_release.read_text(errors="replace").splitlines())
    values = {key: value.strip().strip('"') for key, _, value in pairs}
    return values.get("VERSION_CODENAME", "") if values.get("ID") == "debian" else ""


def _parse(file: Path) -> Iterator[Source]:
    text = file.read_text(errors="replace")
    if file.suffix == ".sources":
        for stanza in re.split(r"\n\s*\n", text):
            yield from _deb822(_fields(stanza))
    elif file.suffix == ".list":
        for line in text.splitlines():
            if match := _CLASSIC.match(line.strip()):
                uri, suite, components = match.groups()
                yield from (Source(each, suite, tuple(components.split())) for each in _resolve(uri))


def _fields(stanza: str) -> dict[str, str]:
    """The fields of one deb822 stanza, names in lower case; an indented line continues the one before."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t":
            fields[name] = f"{fields.get(name, '')} {line.strip()}"
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _deb822(fields: Mapping[str, str]) -> Iterator[Source]:
    if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false", "0"):
        return
    for address in fields.get("uris", "").split():
        for uri in _resolve(address):
            for suite in fields.get("suites", "").split():
                yield Source(uri, suite, tuple(fields.get("components", "").split()))


def _resolve(uri: str) -> list[str]:
    """Cloud images name a file that lists the mirrors instead of a mirror."""
    for scheme in ("mirror+file://", "mirror+file:"):
        if uri.startswith(scheme):
            listing = Path(uri.removeprefix(scheme))
            lines = listing.read_text(errors="replace").splitlines() if listing.is_file() else []
            return [line.split()[0].rstrip("/") for line in lines if line.strip() and not line.startswith("#")]
    return [uri.rstrip("/")]
