"""`manage.py deploy ENV/SERVICE [--wait]`: deploy the newest commit of the service's branch."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from releases.actions import Refused, trigger_deploy
from releases.management import waiting
from releases.models import Trigger
from services.management.lookup import find_service


class Command(BaseCommand):
    help = "Deploy the newest commit of a service's branch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", metavar="ENV/SERVICE", help="environment (name or code) and service")
        waiting.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            release = trigger_deploy(None, find_service(options["service"]), uuid4(), Trigger.COMMAND)
        except Refused as error:
            raise CommandError(str(error)) from error
        waiting.queued(release, self.stdout, options)
