"""Branches of a remote, over real HTTP and ssh-shaped transports, and what goes wrong with them."""

from __future__ import annotations

import os
import socket
import stat
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from services.repository import remote
from services.repository.address import Policy, parse
from services.repository.credentials import NONE, Credentials
from services.repository.errors import Cause, RepositoryError
from services.repository.remote import branches
from tests.repository.repositories import git, local, local_policy, make_repository
from tests.repository.server import serve, serving, trickle
from tests.repository.test_git import processes_with

TOKEN = "tok3n-which-must-never-show"


def failure(url: str, policy: Policy, credentials: Credentials = NONE, seconds: float = 60.0) -> RepositoryError:
    with pytest.raises(RepositoryError) as caught:
        branches(parse(url, policy), credentials, policy, seconds=seconds)
    assert TOKEN not in str(caught.value)
    return caught.value


def test_branches_and_default(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "app", {"a": "1"})
    git(repository, "branch", "feature/one")
    git(repository, "branch", "grün")
    git(repository, "tag", "v1")
    heads = branches(*_with_none(local(repository)))
    assert heads.default_branch == "main"
    assert list(heads.branches) == ["main", "feature/one", "grün"]
    assert heads.branches["main"] == git(repository, "rev-parse", "HEAD")
    assert heads.complete


def _with_none(made):  # type: ignore[no-untyped-def]
    address, policy = made
    return address, NONE, policy


def test_detached_and_dangling_head(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "app", {"a": "1"})
    git(repository, "branch", "another")
    git(repository, "symbolic-ref", "HEAD", "refs/heads/gone")
    assert branches(*_with_none(local(repository))).default_branch == "main"
    git(repository, "branch", "-m", "main", "zzz")
    assert branches(*_with_none(local(repository))).default_branch == "another"


def test_empty_repository(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "app")
    address, policy = local(repository)
    error = failure(address.url, policy)
    assert error.cause is Cause.EMPTY and "empty" in error.message


def test_many_branches_are_cut_and_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_BRANCHES", 3)
    repository = make_repository(tmp_path / "app", {"a": "1"})
    for number in range(5):
        git(repository, "branch", f"b{number}")
    heads = branches(*_with_none(local(repository)))
    assert list(heads.branches) == ["main", "b0", "b1"] and not heads.complete


def test_token_over_http(tmp_path: Path) -> None:
    make_repository(tmp_path / "app", {"a": "1"})
    policy = local_policy(tmp_path)
    with serve(tmp_path, TOKEN) as url:
        address = parse(f"{url}app", policy)
        assert "main" in branches(address, Credentials(TOKEN), policy).branches
        assert "main" in branches(address, Credentials(f"ada:{TOKEN}"), policy).branches
        refused = failure(f"{url}app", policy, Credentials(f"wrong-{TOKEN}"))
        assert (refused.cause, refused.field) == (Cause.REFUSED, "token")
        without = failure(f"{url}app", policy)
        assert (without.cause, without.field) == (Cause.REFUSED, "repository_url")
        assert "access token" in without.message


def test_token_is_on_no_command_line(tmp_path: Path) -> None:
    """Read while git and its helper wait for the server; the second assertion shows that they were there to be read."""
    make_repository(tmp_path / "app", {"a": "1"})
    policy, seen = local_policy(tmp_path), []

    def look() -> None:
        seen.extend(processes_with("ls-remote") + processes_with("remote-http") + processes_with(TOKEN))

    with serve(tmp_path, TOKEN, before=look) as url:
        branches(parse(f"{url}app", policy), Credentials(TOKEN), policy)
    encoded = "eC1hY2Nlc3M"
    assert not [words for words in seen if TOKEN in words or "Authorization" in words or encoded in words]
    assert [words for words in seen if "remote-http" in words and url in words]


def test_a_wrapper_on_path_sees_no_secret_in_argv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(tmp_path / "app", {"a": "1"})
    wrapper = tmp_path / "bin/git"
    wrapper.parent.mkdir()
    real = next(Path(d) / "git" for d in os.environ["PATH"].split(":") if (Path(d) / "git").exists())
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/argv\nexec {real} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    policy = local_policy(tmp_path)
    with serve(tmp_path, TOKEN) as url:
        branches(parse(f"{url}app", policy), Credentials(TOKEN), policy)
    argv = (tmp_path / "argv").read_text()
    assert "ls-remote --symref --" in argv and TOKEN not in argv and "extraHeader" not in argv


def test_token_goes_to_no_other_place(tmp_path: Path) -> None:
    """A redirect is not followed, and the header would not have gone along."""
    asked: list[str] = []

    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.headers.get("Authorization", ""))
        handler.send_error(404)

    policy = local_policy(tmp_path)
    with serving(elsewhere) as target:

        def redirect(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(302)
            handler.send_header("Location", target + handler.path.lstrip("/"))
            handler.end_headers()

        with serving(redirect) as url:
            error = failure(f"{url}app", policy, Credentials(TOKEN))
    assert "moved" in error.message
    assert asked == []


def test_not_found(tmp_path: Path) -> None:
    policy = local_policy(tmp_path)
    with serve(tmp_path) as url:
        assert failure(f"{url}missing", policy).cause is Cause.NOT_FOUND
    (tmp_path / "plain").mkdir()
    assert failure(f"file://{tmp_path}/plain", policy).cause is Cause.NOT_FOUND


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        error = failure(f"http://127.0.0.1:{port}/app", local_policy(tmp_path))
    assert error.cause is Cause.HOST and error.retryable


def test_not_a_git_server(tmp_path: Path) -> None:
    def page(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(b"<html>\n<p>Hello</p>\n</html>\n")

    with serving(page) as url:
        assert failure(f"{url}app", local_policy(tmp_path)).cause is Cause.NOT_FOUND


def test_too_slow(tmp_path: Path) -> None:
    begun = time.monotonic()
    with serving(trickle) as url:
        error = failure(f"{url}app", local_policy(tmp_path), seconds=2)
    assert error.cause is Cause.TOO_SLOW and error.retryable
    assert time.monotonic() - begun < 20


def test_option_shaped_input_is_never_an_option(tmp_path: Path) -> None:
    policy, mark = local_policy(tmp_path), tmp_path / "executed"
    for url in (f"--upload-pack=touch {mark}", f"ssh://-oProxyCommand=touch${{IFS}}{mark}/x", f"ext::touch {mark}"):
        with pytest.raises(RepositoryError):
            parse(url, policy)
    assert not mark.exists()


class TestSsh:
    """ssh itself is replaced by a program that writes down what it is given and answers from this machine."""

    KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\r\nabc\r\n-----END OPENSSH PRIVATE KEY-----"

    @pytest.fixture
    def written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        program = tmp_path / "bin/ssh"
        program.parent.mkdir()
        program.write_text(
            f"""#!/bin/sh
for word in "$@"; do
    echo "$word" >> {tmp_path}/words
    case "$word" in -oIdentityFile=*)
        key="${{word#*=}}"
        stat -c %a "$key" > {tmp_path}/mode
        cp "$key" {tmp_path}/key
    esac
    last="$word"
done
env > {tmp_path}/environment
eval "$last"
"""
        )
        program.chmod(stat.S_IRWXU)
        monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
        monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent-of-the-operator")
        return tmp_path

    def test_deploy_key(self, written: Path) -> None:
        make_repository(written / "app", {"a": "1"})
        policy = local_policy(written)
        address = parse(f"ssh://git@127.0.0.1:2222{written}/app", policy)
        assert "main" in branches(address, Credentials(deploy_key=self.KEY), policy).branches
        words = (written / "words").read_text()
        assert "abc" not in words
        for option in ("BatchMode=yes", "IdentitiesOnly=yes", "IdentityAgent=none", "StrictHostKeyChecking=accept-new"):
            assert f"-o{option}" in words
        assert "HostKeyAlias=[127.0.0.1]:2222" in words and f"{written}/state/known_hosts" in words
        assert (written / "mode").read_text().strip() == "600"
        assert (written / "key").read_text() == self.KEY.replace("\r\n", "\n") + "\n"
        kept = (line for line in words.splitlines() if line.startswith("-oIdentityFile="))
        assert not Path(next(kept).partition("=")[2]).exists()
        assert "SSH_AUTH_SOCK" not in (written / "environment").read_text()

    def test_large_providers_are_pinned(self, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("services.repository.hosts._look_up", lambda *_: ["140.82.121.3"])
        policy = local_policy(written)
        with pytest.raises(RepositoryError):
            branches(parse("git@github.com:team/app.git", policy), Credentials(deploy_key=self.KEY), policy)
        words = (written / "words").read_text()
        assert "-oStrictHostKeyChecking=yes" in words and "-oHostName=140.82.121.3" in words

    def test_the_wrong_secret_for_the_address(self, tmp_path: Path) -> None:
        policy = local_policy(tmp_path)
        assert failure("git@127.0.0.1:app", policy).field == "deploy_key"
        assert failure("git@127.0.0.1:app", policy, Credentials("token")).field == "token"
        assert failure("http://127.0.0.1/app", policy, Credentials(deploy_key="x")).field == "deploy_key"
        assert failure("http://127.0.0.1/app", policy, Credentials("a\r\nX: y")).field == "token"

    def test_credentials_print_without_their_secret(self) -> None:
        assert "secret" not in repr(Credentials("secret", "secret"))
