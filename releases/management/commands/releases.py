"""`manage.py releases ENV/SERVICE [--json]`: the newest releases of a service."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from releases.models import Proof, Release
from services.management.lookup import find_service


class Command(BaseCommand):
    help = "List the newest releases of a service."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", metavar="ENV/SERVICE", help="environment (name or code) and service")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON array instead of a table")
        parser.add_argument("--limit", type=int, default=20, help="how many, newest first (20)")

    def handle(self, *args: Any, **options: Any) -> None:
        service = find_service(options["service"])
        rows = [describe(release) for release in service.releases.for_list()[: max(options["limit"], 1)]]
        if options["as_json"]:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            self.stdout.write("#{number:<5} {label:<14} {commit:<8} {queued_at:<26} {subject}".format(**row))


def describe(release: Release) -> dict[str, Any]:
    """One release as plain JSON values; times in ISO 8601, duration in seconds."""
    return {
        "number": release.number,
        "status": release.status,
        "label": release.get_status_display(),
        "trigger": release.trigger,
        "requested_by": release.requested_by.username if release.requested_by else None,
        "commit": release.short_sha,
        "subject": release.commit_subject,
        "branch": release.settings.branch,
        "queued_at": release.queued_at.isoformat(timespec="seconds"),
        "duration": release.duration.total_seconds() if release.duration else None,
        "failed_stage": release.failed_stage or None,
        "reason": release.reason or None,
        "proof": _proof(release),
    }


def _proof(release: Release) -> dict[str, Any] | None:
    """What the prober of its switch met; times in milliseconds. None when it replaced nothing."""
    fields = ("previous", "requests", "failed", "errors", "longest_gap_ms", "first_new_ms", "problems")
    return next(iter(Proof.objects.filter(release=release).values(*fields)), None)
