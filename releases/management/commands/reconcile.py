"""`manage.py reconcile [--dry-run]`: compare database, engine and proxy, and repair what differs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.reconcile import Busy, Finding, Outcome, reconcile


class Command(BaseCommand):
    help = "Compare database, engine and proxy, and repair what differs. The worker does it by itself all the time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what differs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = reconcile(apply=not options["dry_run"])
        except Busy as error:
            raise CommandError(f"{error} It does the same; try again when it is done.") from error
        for finding in found:
            self.stdout.write(_line(finding))
        self.stdout.write(f"{len(found)} differences." if found else "Everything is as the database says.")
        if left := [finding for finding in found if _is_left(finding)]:
            raise CommandError(f"{len(left)} could not be dealt with; they stand above.")


def _line(finding: Finding) -> str:
    remedy = f" {finding.remedy}" if finding.outcome is Outcome.REPAIRED else ""
    return f"{finding.subject}: {finding.problem}{remedy} [{finding.outcome}]"


def _is_left(finding: Finding) -> bool:
    """What failed, and a side that did not answer."""
    return finding.outcome is Outcome.FAILED or finding.repair is None
