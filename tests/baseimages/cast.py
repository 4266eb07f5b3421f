"""Means without a network: a suite is one file, and the host is what a test says it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from releases.baseimages.ensure import Means
from releases.baseimages.host import Host
from releases.baseimages.mirror import Mirror
from releases.baseimages.refusals import Refusals
from releases.baseimages.tree import Plan
from releases.engine.base import Output

MIRROR = Mirror("http://mirror.invalid/debian")


def make_host(work: Path, **values: Any) -> Host:
    return Host(**({"work": work / "work", "mirror": MIRROR, "is_root": True} | values))


def make_means(work: Path, bootstrap: Callable[[Plan], None] | None = None, **values: Any) -> Means:
    return Means(make_host(work, **values), bootstrap or one_file, Refusals())


def one_file(plan: Plan) -> None:
    (plan.target / "etc").mkdir()
    (plan.target / "etc/debian_version").write_text(plan.suite)
    plan.feed(b"I: Base system installed\n")


class Log:
    """Collects what is emitted."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, output: Output) -> None:
        self.text += output.data.decode()


def never() -> bool:
    return False
