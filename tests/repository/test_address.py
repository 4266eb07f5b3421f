"""Which addresses are taken, and in which form."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.repository.address import MAX_LENGTH, Policy, parse
from services.repository.errors import RepositoryError

POLICY = Policy(Path("/nonexistent"))


@pytest.mark.parametrize(
    ("text", "url", "host", "name"),
    [
        ("https://github.com/team/app.git", "https://github.com/team/app.git", "github.com", "app"),
        (" https://GitHub.com/team/app/ ", "https://github.com/team/app", "github.com", "app"),
        ("https://git.example.org:8443/a/b/c", "https://git.example.org:8443/a/b/c", "git.example.org", "c"),
        ("ssh://git@example.org:2222/app.git", "ssh://git@example.org:2222/app.git", "example.org", "app"),
        ("ssh://example.org/~ada/app", "ssh://example.org/~ada/app", "example.org", "app"),
        ("git@github.com:team/app.git", "git@github.com:team/app.git", "github.com", "app"),
        ("example.org:app", "git@example.org:app", "example.org", "app"),
        ("https://example.org/grüße/app", "https://example.org/gr%C3%BC%C3%9Fe/app", "example.org", "app"),
        ("https://[2606:4700::6810:84e5]/app", "https://[2606:4700::6810:84e5]/app", "2606:4700::6810:84e5", "app"),
    ],
)
def test_accepted(text: str, url: str, host: str, name: str) -> None:
    address = parse(text, POLICY)
    assert (address.url, address.host, address.name) == (url, host, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Enter the address"),
        ("   ", "Enter the address"),
        ("app", "not a repository address"),
        ("/srv/git/app", "not a repository address"),
        ("--upload-pack=touch /tmp/x", "must not start with"),
        ("-oProxyCommand=x:app", "must not start with"),
        ("ssh://-oProxyCommand=x/app", "host name"),
        ("ssh://-x@example.org/app", "user name"),
        ("-x@example.org:app", "must not start with"),
        ("git@-example.org:app", "host name"),
        ("git@example.org:-x", "no repository"),
        ("https://user:secret@example.org/app", "Access Token field"),
        ("https://ghp_secret@example.org/app", "Access Token field"),
        ("ssh://git:secret@example.org/app", "Access Token field"),
        ("http://example.org/app", "cannot be used here. Use https:// or ssh://."),
        ("ext::sh -c touch% /tmp/x", "spaces"),
        ("git://example.org/app", "cannot be used"),
        ("file:///etc", "not allowed here"),
        ("https://example.org", "no repository"),
        ("https://example.org/", "no repository"),
        ("https://example.org/a/../b", "no repository"),
        ("https://example.org/%2e%2e/b", "character"),
        ("https://example.org/app?x=1", "must not contain"),
        ("https://example.org/app#x", "must not contain"),
        ("https://example.org:99999/app", "not valid"),
        ("https://exa mple.org/app", "spaces"),
        ("https://example.org/a\x00b", "control characters"),
        ("https://example.org/a\nb", "spaces or control"),
        ("https:///app", "host name"),
        ("https://example.org/" + "a" * MAX_LENGTH, "too long"),
    ],
)
def test_refused(text: str, said: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        parse(text, POLICY)
    assert said in caught.value.message
    assert caught.value.field == "repository_url"
    assert "secret" not in caught.value.message


def test_plain_http_only_where_the_operator_allows_it() -> None:
    allowing = Policy(Path("/nonexistent"), frozenset({"https", "http"}))
    assert parse("http://example.org/app", allowing).origin == "http://example.org/"
    with pytest.raises(RepositoryError):
        parse("git@example.org:app", allowing)


def test_origin_is_the_scope_of_a_token() -> None:
    assert parse("https://example.org:443/app", POLICY).origin == "https://example.org/"
    assert parse("https://example.org:8443/app", POLICY).origin == "https://example.org:8443/"


class TestLocal:
    def policy(self, directory: Path) -> Policy:
        return Policy(directory, local_directory=directory / "allowed")

    def test_below_the_allowed_directory(self, tmp_path: Path) -> None:
        (tmp_path / "allowed/my app").mkdir(parents=True)
        address = parse(f"file://{tmp_path}/allowed/my%20app", self.policy(tmp_path))
        assert address.url == f"file://{tmp_path}/allowed/my%20app"
        assert (address.host, address.name) == ("", "my app")

    @pytest.mark.parametrize(
        "path", ["/outside", "/allowed/../outside", "/allowed/link", "/allowed", "/allowed/%2e%2e/outside"]
    )
    def test_nothing_outside(self, tmp_path: Path, path: str) -> None:
        (tmp_path / "allowed").mkdir()
        (tmp_path / "outside").mkdir()
        (tmp_path / "allowed/link").symlink_to(tmp_path / "outside")
        with pytest.raises(RepositoryError, match="outside the place"):
            parse(f"file://{tmp_path}{path}", self.policy(tmp_path))

    def test_not_there_and_elsewhere(self, tmp_path: Path) -> None:
        (tmp_path / "allowed/app").mkdir(parents=True)
        with pytest.raises(RepositoryError, match="no repository"):
            parse(f"file://{tmp_path}/allowed/missing", self.policy(tmp_path))
        with pytest.raises(RepositoryError, match="outside"):
            parse(f"file://example.org{tmp_path}/allowed/app", self.policy(tmp_path))


@given(st.text(max_size=60) | st.from_regex(r"(https|ssh|file)://[^\n]{0,40}|git@[^\n]{0,40}", fullmatch=True))
def test_any_text_is_accepted_safely_or_refused(text: str) -> None:
    try:
        address = parse(text, POLICY)
    except RepositoryError as error:
        assert error.message.endswith(".")
        return
    assert address.protocol in POLICY.protocols
    assert not address.url.startswith("-")
    assert not address.host.startswith("-")
    assert address.host and ".." not in address.path.split("/")
    assert parse(address.url, POLICY).host == address.host if "%" not in address.url else True
