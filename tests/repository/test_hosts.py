"""Hosts on private networks stay out of reach, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.repository.address import Policy, parse
from services.repository.errors import Cause, RepositoryError
from services.repository.hosts import is_public, resolve

PUBLIC_ONLY = Policy(Path("/nonexistent"))


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("140.82.121.3", True),
        ("2606:4700::6810:84e5", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.17.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - a name for this machine
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:140.82.121.3", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::8c52:7903", True),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(ip: str, public: bool) -> None:
    assert is_public(ip) is public


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "0.0.0.0"])  # noqa: S104
def test_this_machine_under_its_many_names(host: str) -> None:
    with pytest.raises(RepositoryError, match="private network") as caught:
        resolve(parse(f"https://{host}/app", PUBLIC_ONLY), PUBLIC_ONLY)
    assert caught.value.cause is Cause.HOST


def test_allowed_by_the_operator() -> None:
    policy = Policy(Path("/nonexistent"), private_hosts=True)
    assert resolve(parse("https://127.0.0.1/app", policy), policy) == ("127.0.0.1",)


def test_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(RepositoryError, match="does not exist"):
        resolve(parse("https://nothing.invalid/app", PUBLIC_ONLY), PUBLIC_ONLY)


def test_a_proxy_may_know_more_names_but_opens_no_private_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.invalid:3128")
    assert resolve(parse("https://nothing.invalid/app", PUBLIC_ONLY), PUBLIC_ONLY) == ()
    with pytest.raises(RepositoryError, match="private network"):
        resolve(parse("https://localhost/app", PUBLIC_ONLY), PUBLIC_ONLY)
    with pytest.raises(RepositoryError, match="does not exist"):
        resolve(parse("ssh://git@nothing.invalid/app", PUBLIC_ONLY), PUBLIC_ONLY)
