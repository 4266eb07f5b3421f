"""The settings written into a file tree, and its directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from releases.baseimages.mirror import Mirror
from releases.baseimages.tree import directory, furnish
from tests.baseimages.cast import make_host
from tests.baseimages.web import mirror_with

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nOWN\n-----END CERTIFICATE-----"


def test_only_sources_that_the_mirror_has(tmp_path: Path) -> None:
    with mirror_with("debian/dists/trixie", "security/dists/trixie-security") as address:
        mirror = Mirror(f"{address}/debian", f"{address}/security")
        furnish(tmp_path, "trixie", make_host(tmp_path), mirror)
    assert (tmp_path / "etc/apt/sources.list").read_text().splitlines() == [
        f"deb {address}/debian trixie main",
        f"deb {address}/security trixie-security main",
    ]


def test_the_host_s_certificates_and_package_indexes(tmp_path: Path) -> None:
    host = make_host(
        tmp_path, certificates=(CERTIFICATE,), pip={"index-url": "http://a.test"}, npm_registry="http://b.test"
    )
    with mirror_with() as address:
        furnish(tmp_path, "trixie", host, Mirror(address))
    assert (tmp_path / "usr/local/share/ca-certificates/host-000.crt").read_text() == CERTIFICATE + "\n"
    assert (tmp_path / "etc/pip.conf").read_text() == "[global]\nindex-url = http://a.test\n"
    assert (tmp_path / "etc/npmrc").read_text() == "registry=http://b.test\n"
    assert (tmp_path / "usr/sbin/policy-rc.d").stat().st_mode & 0o111


def test_no_settings_where_the_host_has_none(tmp_path: Path) -> None:
    with mirror_with() as address:
        furnish(tmp_path, "trixie", make_host(tmp_path), Mirror(address))
    assert not (tmp_path / "etc/pip.conf").exists()
    assert not (tmp_path / "etc/npmrc").exists()


def test_a_directory_of_a_killed_process_goes_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "tree-trixie-abc/etc").mkdir(parents=True)
    (tmp_path / "tree-forky-abc").mkdir()
    with directory(tmp_path, "trixie") as target:
        assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "tree-forky-abc", target])
    assert [path.name for path in tmp_path.iterdir()] == ["tree-forky-abc"]


def test_the_directory_goes_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), directory(tmp_path, "trixie") as target:
        (target / "etc").mkdir()
        raise KeyError
    assert not target.exists()
