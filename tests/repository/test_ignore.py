"""`.dockerignore` as Docker understands it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.repository.ignore import IgnoreFile


def ignored(text: str, path: str) -> bool:
    return IgnoreFile.of(text).matches(path)


# Expected values are those of Docker's documentation and of the tests of its pattern matcher.
@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("node_modules", "node_modules/a/b.js", True),
        ("node_modules", "sub/node_modules/a.js", False),
        ("**/node_modules", "sub/deep/node_modules/a.js", True),
        ("**/node_modules", "node_modules/a.js", True),
        ("/node_modules/", "node_modules/a.js", True),
        ("./a/../b", "b", True),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("*/temp*", "somedir/temporary.txt", True),
        ("*/temp*", "somedir/temp/x", True),
        ("*/*/temp*", "somedir/subdir/temporary.txt", True),
        ("temp?", "tempa", True),
        ("temp?", "temp", False),
        ("**/*.go", "a/b/c.go", True),
        ("**/*.go", "c.go", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("**", "anything/at/all", True),
        ("**/foo/bar", "x/foo/bar", True),
        ("abc.def", "abcZdef", False),
        ("a[b-d]e", "ace", True),
        ("a[b-d]e", "aae", False),
        ("a[^b-d]e", "aze", True),
        ("a[^b-d]e", "ace", False),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("# comment", "# comment", False),
        ("\ufeffsecret", "secret", True),
        ("secret\r\nother", "secret", True),
        ("  spaced  ", "spaced", True),
        ("*\n!README.md", "README.md", False),
        ("*\n!README.md", "other", True),
        ("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", True),
        ("*.md\nREADME-secret.md\n!README*.md", "README-secret.md", False),
        ("docs\n!docs/README.md", "docs/README.md", False),
        ("docs\n!docs/README.md", "docs/other.md", True),
        ("!", "a", False),
        (".", "a", False),
        ("**foo", "x/y/foo", True),
        ("[", "[", True),
    ],
)
def test_rules(text: str, path: str, expected: bool) -> None:
    assert ignored(text, path) is expected


def test_implicit_patterns_can_be_taken_back() -> None:
    implicit = ("**/node_modules",)
    assert IgnoreFile.of("", implicit).matches("node_modules/x")
    assert not IgnoreFile.of("!node_modules", implicit).matches("node_modules/x")


NAME = st.text(st.sampled_from("ab.c"), min_size=1, max_size=4).filter(lambda name: name.strip("."))
PATH = st.lists(NAME, min_size=1, max_size=4).map("/".join)


@given(PATH)
def test_every_path_is_matched_by_itself_its_folders_and_any_depth(path: str) -> None:
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        assert ignored("/".join(parts[:count]), path)
    assert ignored("**/" + parts[-1], path)
    assert ignored("/".join("*" for _ in parts), path)
    assert not ignored("/".join("*" for _ in [*parts, 0]), path)
    assert not ignored(f"{path}\n!{parts[0]}", path)


@given(st.text(max_size=30), st.text(min_size=1, max_size=30))
def test_any_text_gives_an_answer(text: str, path: str) -> None:
    assert ignored(text, path) in (True, False)


def test_hostile_patterns_cost_little() -> None:
    begun = time.monotonic()
    assert not ignored("/".join(["**"] * 100 + ["x"]), "/".join(["a"] * 100))
    assert not ignored("*a" * 200 + "b", "a" * 500)
    assert time.monotonic() - begun < 10
