"""Plain `make`: what there is, from the comments of the Makefile itself."""

from __future__ import annotations

import re

from kintohub.standalone.progress import Progress
from kintohub.standalone.settings import CHECKOUT

TARGET = re.compile(r"^([a-z][a-z-]*):.*?## (.+)$", re.MULTILINE)


def show(progress: Progress) -> int:
    progress.say(text((CHECKOUT / "Makefile").read_text()))
    return 0


def text(makefile: str) -> str:
    """One line for each target that has a `## ` comment."""
    targets = TARGET.findall(makefile)
    width = max(len(name) for name, _ in targets)
    return "\n".join(f"make {name:<{width}}  {what}" for name, what in targets)
