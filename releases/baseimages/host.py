"""What a build inside the engine must know of this machine to reach the same package registries as it does itself."""

from __future__ import annotations

import configparser
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from releases.baseimages.mirror import Mirror, find_mirror

PROGRAMS = ("debootstrap", "unshare", "tar")
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
BUNDLES = ("etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/cert.pem")
PIP_ADDRESSES = ("index-url", "extra-index-url", "trusted-host")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\s.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True)
class Host:
    """`certificates` are PEM blocks that Debian's own set lacks; `work` is where locks and temporary files live."""

    work: Path
    mirror: Mirror | None = None
    is_root: bool = False
    missing_programs: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    pip: Mapping[str, str] = field(default_factory=dict)
    npm_registry: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict)


def read_host(environ: Mapping[str, str], root: Path = Path("/"), fallback_mirror: str = "") -> Host:
    """Ask the environment and the configuration files below `root`.

    Addresses that carry a password stay out, as an image can be read by whoever runs it; so do those of this machine's
    own loopback and files, as they mean something else inside a container.
    """
    home = Path(environ.get("HOME") or Path.home())
    return Host(
        # Not the usual temporary directory: that one is often mounted so that no system can be installed into it.
        work=root / "var/tmp" / f"kintohub-base-images-{os.getuid()}",
        mirror=find_mirror(root / "etc", fallback_mirror),
        is_root=os.geteuid() == 0,
        missing_programs=tuple(program for program in PROGRAMS if not shutil.which(program)),
        certificates=_certificates(environ, root),
        pip=_pip(environ, [root / "etc/pip.conf", home / ".pip/pip.conf", home / ".config/pip/pip.conf"]),
        npm_registry=_npm_registry(environ, [home / ".npmrc", root / "etc/npmrc"]),
        proxies=_proxies(environ),
    )


def is_shareable(address: str) -> bool:
    """An address on the network that holds no password."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        return False
    if parts.hostname == "localhost":
        return False
    try:
        return not ip_address(parts.hostname).is_loopback
    except ValueError:
        return True


def _proxies(environ: Mapping[str, str]) -> dict[str, str]:
    found = {name: environ.get(name) or environ.get(name.upper()) or "" for name in PROXIES}
    kept = {name: value for name, value in found.items() if name != "no_proxy" and is_shareable(value)}
    if kept and found["no_proxy"]:
        kept["no_proxy"] = found["no_proxy"]
    return kept


def _certificates(environ: Mapping[str, str], root: Path) -> tuple[str, ...]:
    """Those the host trusts beyond Mozilla's, which every image has from Debian's package."""
    named = [Path(environ[name]) for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if environ.get(name)]
    bundles = [*named, *(root / bundle for bundle in BUNDLES)]
    stock = {_body(pem) for file in (root / "usr/share/ca-certificates").rglob("*.crt") for pem in _blocks(file)}
    own = {_body(pem): pem for file in bundles for pem in _blocks(file) if _body(pem) not in stock}
    return tuple(own.values())


def _blocks(file: Path) -> list[str]:
    return _CERTIFICATE.findall(file.read_text(errors="replace")) if file.is_file() else []


def _body(pem: str) -> str:
    return "".join(pem.split())


def _pip(environ: Mapping[str, str], files: list[Path]) -> dict[str, str]:
    """As pip reads them: the environment over the user's file over the system's."""
    values: dict[str, str] = {}
    for file in files:
        parser = configparser.RawConfigParser(strict=False)
        parser.read(file)
        if parser.has_section("global"):
            values.update(parser.items("global"))
    for name in PIP_ADDRESSES:
        values[name] = environ.get("PIP_" + name.upper().replace("-", "_")) or values.get(name, "")
    kept = {name: " ".join(filter(is_shareable, values[name].split())) for name in PIP_ADDRESSES[:2]}
    if any(kept.values()):
        kept["trusted-host"] = " ".join(values["trusted-host"].split())
    return {name: value for name, value in kept.items() if value}


def _npm_registry(environ: Mapping[str, str], files: list[Path]) -> str:
    lines = [line for file in files if file.is_file() for line in file.read_text(errors="replace").splitlines()]
    pairs = [(key.strip(), value.strip()) for key, _, value in (line.partition("=") for line in lines)]
    named = [environ.get("npm_config_registry", ""), *(value for key, value in pairs if key == "registry")]
    return next((address for address in named if is_shareable(address)), "")
