"""`manage.py deploy ENV/SERVICE [--wait]`: deploy the newest commit of the service's branch."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from releases.actions import Refused, trigger_deploy
from releases.logs.reader import blocks_after, state_of
from releases.models import Release, Status, Trigger
from services.management.lookup import find_service

LOOK = 0.3  # seconds between two looks at the log


class Command(BaseCommand):
    help = "Deploy the newest commit of a service's branch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", metavar="ENV/SERVICE", help="environment (name or code) and service")
        parser.add_argument("--wait", action="store_true", help="show the log until it is live; else exit code 1")
        parser.add_argument("--timeout", type=float, default=3600, help="longest wait in seconds (3600)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            release = trigger_deploy(None, find_service(options["service"]), uuid4(), Trigger.COMMAND)
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Release #{release.number} of {options['service']} is queued.")
        if options["wait"]:
            self._wait(release, time.monotonic() + options["timeout"])

    def _wait(self, release: Release, deadline: float) -> None:
        """Until the log is over: the retired release has been drained by then, too."""
        seen, over = 0, False
        while not over:
            over = state_of(release.pk).over
            seen = self._show(release, seen)
            if time.monotonic() > deadline:
                break
            time.sleep(LOOK)
        release.refresh_from_db()
        if release.status not in (Status.LIVE, Status.RETIRED):
            raise CommandError(f"Release #{release.number}: {release.get_status_display()}. {release.reason}".strip())
        self.stdout.write(f"Release #{release.number} is live at {release.service.address}")

    def _show(self, release: Release, seen: int) -> int:
        for block in blocks_after(release.log.pk, seen, limit=5000):
            for line in block.lines:
                self.stdout.write(f"{line.source:>12}  {line.text}")
            seen = block.last
        return seen
