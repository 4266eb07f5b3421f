"""What git says, in the words of people: each text is one that git, curl or ssh printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.repository.address import Policy, parse
from services.repository.credentials import NONE, Credentials
from services.repository.errors import Cause
from services.repository.failures import explain
from services.repository.git import GitFailed, TimedOut, TooMuch

ADDRESS = parse("https://git.example.org/team/app", Policy(Path("/nonexistent")))
TOKEN = Credentials("t0ken")


@pytest.mark.parametrize(
    ("text", "cause", "field"),
    [
        (
            "remote: Repository not found.\nfatal: repository 'https://git.example.org/team/app/' not found",
            "not_found",
            "repository_url",
        ),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", "refused", "token"),
        ("fatal: Authentication failed for 'https://git.example.org/team/app/'", "refused", "token"),
        ("fatal: could not read Username for 'https://git.example.org': terminal prompts disabled", "refused", "token"),
        ("remote: HTTP Basic: Access denied.\nfatal: Authentication failed for 'https://x/'", "refused", "token"),
        (
            "git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.",
            "refused",
            "deploy_key",
        ),
        ('Load key "/tmp/k/key": error in libcrypto\ngit@x: Permission denied (publickey).', "refused", "deploy_key"),
        ("Host key verification failed.\nfatal: Could not read from remote repository.", "refused", "repository_url"),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", "host", "repository_url"),
        (
            "fatal: unable to access 'https://x/': Failed to connect to x port 443: Connection refused",
            "host",
            "repository_url",
        ),
        (
            "fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate",
            "host",
            "repository_url",
        ),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 503", "host", "repository_url"),
        (
            "fatal: unable to access 'https://x/': Operation too slow. Less than 1000 bytes/sec",
            "too_slow",
            "repository_url",
        ),
        (
            "fatal: write error: File too large\nfatal: fetch-pack: invalid index-pack output",
            "too_large",
            "repository_url",
        ),
        ("fatal: couldn't find remote ref refs/heads/x", "branch", "branch"),
        ("fatal: remote error: upload-pack: not our ref ffff", "branch", "branch"),
        (
            "error: object abc: hasDotgit: contains '.git'\nfatal: fsck error in packed object",
            "other",
            "repository_url",
        ),
        ("fatal: protocol error: bad line length character: <htm", "other", "repository_url"),
    ],
)
def test_explained(text: str, cause: str, field: str) -> None:
    error = explain(GitFailed(128, text), ADDRESS, TOKEN)
    assert (error.cause.value, error.field) == (cause, field)
    assert re.fullmatch(r"[^{}]+\.", error.message, re.DOTALL)
    assert "t0ken" not in error.message


def test_nothing_of_gits_own_text_is_shown() -> None:
    error = explain(GitFailed(128, "fatal: something with t0ken in it"), ADDRESS, TOKEN)
    assert "t0ken" not in error.message and "something" not in error.message


def test_without_a_token_the_address_is_in_doubt() -> None:
    error = explain(GitFailed(128, "fatal: could not read Username for 'https://x'"), ADDRESS, NONE)
    assert (error.cause, error.field) == (Cause.REFUSED, "repository_url")


def test_ended_by_a_bound() -> None:
    assert explain(TimedOut(), ADDRESS, NONE).cause is Cause.TOO_SLOW
    assert explain(TooMuch(), ADDRESS, NONE).cause is Cause.TOO_LARGE
