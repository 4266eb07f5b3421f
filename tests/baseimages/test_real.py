"""A stand-in for real: Debian's packages, this machine's mirror, and its engine."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from releases.baseimages.ensure import Means, ensure
from releases.baseimages.host import read_host
from releases.engine.base import BuildRequest
from releases.engine.docker import DockerEngine
from services.languages import Recipe
from tests.baseimages.cast import Log, never
from tests.engine.rigs import LIMITS, tar_of

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1000)]
RECIPE = Recipe("trixie", ("hello",), ("ln -s hello /usr/bin/hullo",), {"GREETING": "hi"})


@pytest.fixture
def engines() -> Iterator[tuple[str, str]]:
    """Two installations, of which nothing is left at the end."""
    installations = secrets.token_hex(4), secrets.token_hex(4)
    yield installations
    for installation in installations:
        DockerEngine(installation).purge()


@pytest.mark.skipif(os.geteuid() != 0, reason="installing a Debian system needs root")
def test_a_stand_in_is_built_and_another_installation_builds_from_it(engines: tuple[str, str], tmp_path: Path) -> None:
    """Debian itself stays on the engine: `FROM debian:trixie-slim` would bring it there as well."""
    one, other = engines
    name, log = f"kh-{other}-hello:1", Log()
    host = replace(read_host(os.environ), work=tmp_path / "work")
    ensure(DockerEngine(one), name, RECIPE, log, never, 900, Means(host))
    assert f"Built {name}" in log.text
    printed = output_of(other, f"FROM {name}\nRUN hullo; echo $GREETING $SSL_CERT_FILE\n")
    assert "Hello, world!\nhi /etc/ssl/certs/ca-certificates.crt\n" in printed


def output_of(installation: str, dockerfile: str) -> str:
    log = Log()
    request = BuildRequest(f"kh-{installation}-user:1", tar_of({"Dockerfile": dockerfile}), "Dockerfile", LIMITS, 300)
    DockerEngine(installation).build(request, log, never)
    return log.text
