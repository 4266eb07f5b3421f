"""The repository's own Dockerfile: a file of the commit, and nothing else."""

from __future__ import annotations

import pytest

from releases.dockerfile.context import Build, Context, own
from services.repository.errors import RepositoryError
from services.repository.tree import FILE, LINK, PROGRAM, Entry, Tree

MODES = {"Dockerfile": FILE, "deploy/Dockerfile.web": PROGRAM, "link": LINK}
TREE = Tree("a" * 40, "", tuple(Entry(path, mode, "b" * 40, 1) for path, mode in MODES.items()))


def build(path: str) -> Build:
    return Build("s1", "dockerfile", dockerfile=path)


@pytest.mark.parametrize(
    ("path", "found"),
    [("Dockerfile", "Dockerfile"), ("", "Dockerfile"), ("./deploy//Dockerfile.web", "deploy/Dockerfile.web")],
)
def test_found(path: str, found: str) -> None:
    assert own(build(path), TREE) == Context(found)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../../../etc/passwd", "stay inside"),
        ("/etc/passwd", "stay inside"),
        ("deploy/../../x", "stay inside"),
        ("link", "is a link"),
        ("deploy", "is a folder"),
        ("Dockerfil", "Did you mean “Dockerfile”"),
        ("missing", "There is no file"),
        ("Docker\nfile", "not allowed"),
    ],
)
def test_refused(path: str, said: str) -> None:
    with pytest.raises(RepositoryError, match=said) as caught:
        own(build(path), TREE)
    assert caught.value.field == "dockerfile"
