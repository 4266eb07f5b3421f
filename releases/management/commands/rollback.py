"""`manage.py rollback ENV/SERVICE NUMBER`: deploy a release that was live before once more."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from releases.actions import Configuration, Refused, rollback
from releases.management import waiting
from releases.management.lookup import find_release
from services.management.lookup import find_service


class Command(BaseCommand):
    help = "Go back to a release that was live before. Automatic deploys of the service are held until resumed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", metavar="ENV/SERVICE", help="environment (name or code) and service")
        parser.add_argument("number", metavar="NUMBER", type=int, help="the release to go back to")
        parser.add_argument(
            "--current", action="store_true", help="with the settings and variables of now, not as it was released"
        )
        waiting.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        target = find_release(find_service(options["service"]), options["number"])
        configuration = Configuration.CURRENT if options["current"] else Configuration.AS_RELEASED
        try:
            release = rollback(None, target, configuration, uuid4())
        except Refused as error:
            raise CommandError(str(error)) from error
        if target.artifact is None or target.artifact.pruned_at is not None:
            self.stdout.write(f"The artifact of release #{target.number} is gone: the same commit is built again.")
        waiting.queued(release, self.stdout, options)
