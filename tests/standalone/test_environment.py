"""What of the person's shell reaches the programs."""

from __future__ import annotations

from kintohub.standalone import environment


def test_settings_proxies_and_certificates_pass() -> None:
    parent = {
        "KINTOHUB_PORT": "1",
        "https_proxy": "http://p",
        "SSL_CERT_FILE": "/ca",
        "PIP_CERT": "/ca",
        "PATH": "/bin",
    }
    assert parent.items() - environment.of_children(parent).items() == {("PATH", "/bin")}


def test_everything_else_stays_behind() -> None:
    kept = environment.of_children({"AWS_SECRET_ACCESS_KEY": "x", "PYTHONPATH": "/x", "DJANGO_SETTINGS_MODULE": "x"})
    assert set(kept) == {"PATH", "PYTHONUNBUFFERED"}


def test_directories_of_system_programs_are_added_once() -> None:
    assert environment.search_path({"PATH": "/usr/sbin:/bin"}) == "/usr/sbin:/bin:/usr/local/sbin:/sbin"
