"""`python -m kintohub.worker`: the worker. Celery's own command would load all its other commands with it."""

from __future__ import annotations

import os
import socket
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintohub.background")

from django.conf import settings

from kintohub.celery import app

# Far more than deploys at the same time: a thread also looks after what was replaced, for a minute or longer.
THREADS = 64


def main() -> int:
    """Until it is told to stop. Returns its exit code."""
    name = f"worker-{settings.INSTALLATION_ID}@{socket.gethostname()}"
    worker = app.Worker(hostname=name, pool_cls="threads", concurrency=THREADS, loglevel="INFO")
    worker.start()
    return int(worker.exitcode or 0)


if __name__ == "__main__":
    sys.exit(main())
