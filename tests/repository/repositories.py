"""Real git repositories for tests, made without this machine's git configuration."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from services.repository.address import Address, Policy, parse

IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Example",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


def git(directory: Path, *arguments: str, stdin: bytes = b"") -> str:
    """git's output, stripped."""
    done = subprocess.run(
        ["git", "-C", str(directory), *arguments],
        input=stdin,
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"], **IDENTITY},
    )
    return done.stdout.decode(errors="surrogateescape").strip()


def make_repository(directory: Path, files: dict[str, str] | None = None, message: str = "First commit") -> Path:
    """A repository with one commit on the branch main; empty when `files` is None."""
    directory.mkdir(parents=True)
    git(directory, "init", "--quiet", "--initial-branch=main")
    if files is not None:
        commit(directory, files, message)
    return directory


def commit(directory: Path, files: dict[str, str], message: str = "Next commit") -> str:
    """Write the files and commit everything; the commit's id."""
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(directory, "add", "--all", "--force")
    git(directory, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(directory, "rev-parse", "HEAD")


def local_policy(directory: Path) -> Policy:
    """Repositories below the directory, and servers on this machine."""
    protocols = frozenset({"https", "ssh", "http"})
    return Policy(directory / "state", protocols, private_hosts=True, local_directory=directory)


def local(repository: Path) -> tuple[Address, Policy]:
    """The file:// address of a repository, and a policy that allows it."""
    policy = local_policy(repository.parent)
    return parse(f"file://{repository}", policy), policy
