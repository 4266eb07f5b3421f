"""Writes one log at a steady pace, as a build would, and says how many lines that were.

`python -m tests.bench.logs.producer RELEASE LINES_PER_SECOND SECONDS`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from django.conf import settings

from tests.browser.web import database_url

SETTINGS = "tests.browser.served_settings"
STEP = 0.005  # seconds between two pieces of output
TEXT = b"Collecting dependency from index: resolved 3 candidates, kept the newest one that fits"
SECRETS = ("s3cret-Harbour-97", "another secret", "postgres://user:pass-word-1@db/name")


def start(release_id: int, rate: int, seconds: float) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "tests.bench.logs.producer", str(release_id), str(rate), str(seconds)]
    same = {
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "KINTOHUB_REDIS_URL": settings.REDIS_URL,
        "KINTOHUB_DATABASE_URL": database_url(),
    }
    return subprocess.Popen(line, env={**os.environ, **same}, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> int:
    """Waits for it. How many lines it wrote."""
    said, _ = process.communicate(timeout=120)
    if process.returncode:
        raise RuntimeError("The producer failed.")
    return int(said)


def write(release_id: int, rate: int, seconds: float) -> int:
    from releases.logs.lines import BUILD
    from releases.logs.writer import ReleaseLog
    from releases.models import LogStream, Release, Status

    count, begun = 0, time.monotonic()
    with ReleaseLog(LogStream.objects.get(release=release_id), SECRETS) as log:
        while (passed := time.monotonic() - begun) < seconds:
            due = int(passed * rate) - count
            if due > 0:
                log.feed(BUILD, b"".join(b"%08d %s\n" % (count + each, TEXT) for each in range(due)), time.time())
                count += due
            time.sleep(STEP)
    Release.objects.filter(pk=release_id).update(status=Status.LIVE)
    return count


def main() -> None:
    import django

    django.setup()
    print(write(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))


if __name__ == "__main__":
    main()
