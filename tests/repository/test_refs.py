"""Names of branches: exactly those that git itself takes."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.repository.errors import Cause, RepositoryError
from services.repository.refs import check_branch, check_sha, is_branch, missing_branch

ALPHABET = "aB9-_./@{}~^:?*[\\ \t\x7f\x01élock"


@settings(max_examples=60)
@given(st.text(st.sampled_from(ALPHABET), min_size=1, max_size=12))
def test_agrees_with_git(name: str) -> None:
    done = subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], capture_output=True)
    assert is_branch(name) == (done.returncode == 0 and not name.startswith("-"))


@pytest.mark.parametrize(
    "name", ["--upload-pack=touch /tmp/x", "-b", "a..b", "a b", "a.lock", "", "HEAD", "a" * 300, "a\nb"]
)
def test_refused(name: str) -> None:
    with pytest.raises(RepositoryError) as caught:
        check_branch(name)
    assert caught.value.field == "branch"


@pytest.mark.parametrize("sha", ["", "abc", "z" * 40, "A" * 40, "--" + "a" * 38, "a" * 40 + "\n"])
def test_not_a_commit_id(sha: str) -> None:
    with pytest.raises(RepositoryError):
        check_sha(sha)


def test_missing_branch_names_near_ones() -> None:
    error = missing_branch("mian", ["main", "develop", "MAINTENANCE"])
    assert "Did you mean “main”" in error.message
    assert (error.field, error.cause) == ("branch", Cause.BRANCH)
    assert error.near[0] == "main"
    assert "Did you mean" not in missing_branch("zzz", ["main"]).message


def test_where_no_name_is_near_the_default_branch_is_proposed() -> None:
    assert missing_branch("master", ["trunk"], "trunk").near == ("trunk",)
    assert missing_branch("mian", ["main", "trunk"], "trunk").near == ("main",)
    assert missing_branch("zzz", ["main"]).near == ()
