"""One running KintoHub per data directory."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kintohub.standalone.stop import Stop


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Raises Stop when another process is inside for the same directory. The kernel lets go when a process dies."""
    with (data / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Stop(
                f"KintoHub already runs on {data} (process {file.read().strip()}): stop that one with Ctrl-C, "
                "or choose another directory with KINTOHUB_DATA."
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
