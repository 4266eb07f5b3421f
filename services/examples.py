"""The example applications that ship with KintoHub, as git repositories that can be edited and deployed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

AUTHOR = {"name": "KintoHub", "email": "examples@kintohub.invalid"}


def publish(source: Path, target: Path) -> None:
    """Make `target` a repository with the files of `source` as its first commit. An existing one is left alone."""
    if (target / ".git").is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=".example-"))
    try:
        shutil.copytree(source, work / "tree")
        _git(work / "tree", "init", "--quiet", "--initial-branch=main")
        _git(work / "tree", "add", "--all")
        _git(work / "tree", "commit", "--quiet", "--message", f"Add {target.name}")
        (work / "tree").rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _git(directory: Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{key.upper()}": value for role in ("AUTHOR", "COMMITTER") for key, value in AUTHOR.items()}
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, **who}
    subprocess.run(
        ["git", *arguments], cwd=directory, check=True, timeout=30, env=environment, stdout=subprocess.DEVNULL
    )
