"""What of the host's settings goes into an image, and what must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from releases.baseimages.host import Host, is_shareable, read_host


def pem(text: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"


def read(root: Path, **environ: str) -> Host:
    return read_host({"HOME": str(root / "home"), **environ}, root)


def write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "file:///opt/simple",
        "http://me:secret@proxy.test:3128",
        "http://token@proxy.test",
        "http://127.0.0.1:3128",
        "http://localhost:3128",
        "http://[::1]:3128",
        "proxy.test:3128",
    ],
)
def test_what_another_machine_cannot_use_or_may_not_know_stays_out(address: str) -> None:
    assert not is_shareable(address)


def test_proxies_in_capitals_count_too(tmp_path: Path) -> None:
    host = read(tmp_path, HTTP_PROXY="http://proxy.test:3128", no_proxy="localhost,.test")
    assert host.proxies == {"http_proxy": "http://proxy.test:3128", "no_proxy": "localhost,.test"}


def test_exceptions_without_a_proxy_mean_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, no_proxy="localhost", https_proxy="http://127.0.0.1:1").proxies == {}


def test_certificates_that_debian_lacks(tmp_path: Path) -> None:
    write(tmp_path / "usr/share/ca-certificates/mozilla/a.crt", pem("STOCK"))
    write(tmp_path / "etc/ssl/certs/ca-certificates.crt", pem("ST\nOCK") + pem("OWN"))
    write(tmp_path / "more.pem", pem("MORE") + pem("OWN"))
    host = read(tmp_path, SSL_CERT_FILE=str(tmp_path / "more.pem"))
    assert [certificate.split()[2] for certificate in host.certificates] == ["MORE", "OWN"]


def test_the_user_s_package_index_wins_over_the_system_s(tmp_path: Path) -> None:
    write(tmp_path / "etc/pip.conf", "[global]\nindex-url = http://system.test/simple\ntrusted-host = system.test\n")
    write(tmp_path / "home/.config/pip/pip.conf", "[global]\nindex-url = http://user.test/simple\n")
    assert read(tmp_path).pip == {"index-url": "http://user.test/simple", "trusted-host": "system.test"}


def test_of_several_package_indexes_only_those_on_the_network_are_kept(tmp_path: Path) -> None:
    extra = "file:///opt/simple http://extra.test/simple http://me:secret@extra.test/simple"
    assert read(tmp_path, PIP_EXTRA_INDEX_URL=extra).pip == {"extra-index-url": "http://extra.test/simple"}


def test_without_package_indexes_nothing_is_set(tmp_path: Path) -> None:
    write(tmp_path / "etc/pip.conf", "[global]\ntrusted-host = system.test\ncert = /etc/x\n")
    assert read(tmp_path).pip == {}


def test_the_npm_registry_without_its_password(tmp_path: Path) -> None:
    write(tmp_path / "home/.npmrc", "//npm.test/:_authToken=secret\nregistry = https://npm.test/\n")
    assert read(tmp_path).npm_registry == "https://npm.test/"
