"""Find a Python of a supported version. Kept to syntax that much older versions can read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
TOO_NEW = (3, 13)
CANDIDATES = ("python3.12", "python3.11")


def use_supported(arguments: list[str]) -> None:
    """Go on in this Python when it fits, or in another one of the machine that does; end with a sentence otherwise."""
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return
    for name in CANDIDATES:
        path = shutil.which(name)
        if path and works(path):
            os.execv(path, [path, "-m", "kintohub.standalone", *arguments])  # noqa: S606 - no shell is wanted
    print(
        f"KintoHub needs Python 3.11 or 3.12, and this is {sys.version_info.major}.{sys.version_info.minor}: "
        "install one (Debian 12: apt-get install python3).",
        file=sys.stderr,
    )
    sys.exit(1)


def works(path: str) -> bool:
    """Whether the program really starts: version managers leave names on PATH that lead nowhere."""
    try:
        return subprocess.run([path, "-c", ""], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
