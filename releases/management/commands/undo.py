"""`manage.py undo ENV/SERVICE`: back to the release before the live one, while it still runs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.actions import TooLate, undo
from releases.models import Release
from services.management.lookup import find_service


class Command(BaseCommand):
    help = "Go back to the release before the live one, within the service's undo window."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", metavar="ENV/SERVICE", help="environment (name or code) and service")

    def handle(self, *args: Any, **options: Any) -> None:
        service = find_service(options["service"])
        live = Release.objects.live().filter(service=service).select_related("service__environment").first()
        if live is None:
            raise CommandError(f"Nothing of {service.environment.name}/{service.name} is live.")
        try:
            undo(None, live)
        except TooLate as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Going back from release #{live.number}.")
