"""`manage.py abort ENV/SERVICE [NUMBER]`: stop a release that is not live yet."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.actions import TooLate, abort
from releases.management.lookup import find_release, find_unfinished
from services.management.lookup import find_service


class Command(BaseCommand):
    help = "Abort a release that is queued or being deployed; what serves goes on serving."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", metavar="ENV/SERVICE", help="environment (name or code) and service")
        parser.add_argument("number", metavar="NUMBER", type=int, nargs="?", help="which, when several are unfinished")

    def handle(self, *args: Any, **options: Any) -> None:
        service, number = find_service(options["service"]), options["number"]
        release = find_unfinished(service) if number is None else find_release(service, number)
        try:
            abort(release)
        except TooLate as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Release #{release.number}: {release.get_status_display()}.")
