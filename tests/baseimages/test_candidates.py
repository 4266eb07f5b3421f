"""What a suite has now, and what recipes want of it."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from releases.baseimages.candidates import FRESH_SECONDS, candidates, lacking
from releases.baseimages.mirror import Mirror
from services.languages import Recipe
from tests.baseimages.cast import make_host

VERSIONS = {"nodejs": "24.21.0+dfsg-1", "golang-go": "2:1.28~1", "npm": "12.2.0"}
DEBIAN = pytest.mark.skipif(not Path("/usr/bin/apt-get").exists(), reason="apt is Debian's")


@pytest.mark.parametrize(
    ("packages", "said"),
    [
        (("nodejs=24.*", "npm"), ""),
        (("nodejs=22.*", "npm"), "Debian forky has moved on to nodejs 24.21.0"),
        (("npm", "golang-go=2:1.27*"), "Debian forky has moved on to golang-go 1.28"),
        (("unknown=1.*",), ""),
    ],
)
def test_lacking(packages: tuple[str, ...], said: str) -> None:
    assert lacking(Recipe("forky", packages), VERSIONS) == said


def make_mirror(directory: Path, version: str) -> Mirror:
    """Debian's layout with one package, named in a file that nobody signed."""
    suite = directory / "dists/forky"
    index = suite / "main/binary-amd64/Packages"
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(f"Package: tool\nVersion: {version}\nArchitecture: all\nFilename: tool.deb\nSize: 1\n")
    digest = f"{sha256(index.read_bytes()).hexdigest()} {index.stat().st_size} main/binary-amd64/Packages"
    names = "Suite: forky\nCodename: forky\nComponents: main\nArchitectures: amd64"
    (suite / "Release").write_text(f"{names}\nDescription: {version}\nSHA256:\n {digest}\n")
    return Mirror(f"[trusted=yes] file:{directory}")


@DEBIAN
def test_apt_is_asked_once_a_day(tmp_path: Path) -> None:
    host = make_host(tmp_path, mirror=make_mirror(tmp_path / "mirror", "1.2-3"))
    recipes = [Recipe("forky", ("tool=1.*", "other=2.*"))]
    assert candidates(host, recipes) == {"tool": "1.2-3"}
    make_mirror(tmp_path / "mirror", "2.0-10")
    assert candidates(host, recipes) == {"tool": "1.2-3"}
    stamp = host.work / "apt-forky/updated"
    yesterday = stamp.stat().st_mtime - FRESH_SECONDS - 1
    os.utime(stamp, (yesterday, yesterday))
    assert candidates(host, recipes) == {"tool": "2.0-10"}


@DEBIAN
def test_another_mirror_is_asked_at_once(tmp_path: Path) -> None:
    recipes = [Recipe("forky", ("tool=1.*",))]
    for number, version in enumerate(("1.2-3", "1.3-1")):
        host = make_host(tmp_path, mirror=make_mirror(tmp_path / f"mirror{number}", version))
        assert candidates(host, recipes) == {"tool": version}


def test_a_mirror_that_does_not_answer_says_nothing(tmp_path: Path) -> None:
    assert (
        candidates(make_host(tmp_path, mirror=Mirror("http://127.0.0.1:9/debian")), [Recipe("forky", ("a=1",))]) == {}
    )
    assert candidates(make_host(tmp_path, mirror=None), [Recipe("forky", ("a=1",))]) == {}
    assert candidates(make_host(tmp_path), [Recipe("forky", ("a",))]) == {}
