"""`manage.py queue [REGION] [--json]`: what is being deployed, what waits, and why."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases import queue
from releases.estimate import estimate
from releases.models import Release, StageRun
from releases.models.release import ReleaseQuerySet
from services.models import Region
from services.templatetags.ui import duration

LONGEST = 200  # releases shown of a region


class Command(BaseCommand):
    help = "Show the deploy queue of a region, or of all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("region", metavar="REGION", nargs="?", help="name of a region (all)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON array instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        regions = [describe(region) for region in _regions(options["region"])]
        if options["as_json"]:
            self.stdout.write(json.dumps(regions, indent=2))
            return
        for region in regions:
            self._show(region)

    def _show(self, region: dict[str, Any]) -> None:
        reason = f" ({region['gate_reason']})" if region["gate_reason"] else ""
        used = len(region["in_work"])
        self.stdout.write(f"{region['region']}: {region['gate']}{reason}, {used} of {region['slots']} slots in use")
        for row in region["in_work"]:
            self.stdout.write("  {release:<40} {status} at {stage}, {left}".format(**row, left=_left(row, "left")))
        for row in region["waiting"]:
            self.stdout.write(
                "  {place:>3}. {release:<35} {why} {left}".format(**row, left=_left(row, "until it starts"))
            )
        if not region["in_work"] and not region["waiting"]:
            self.stdout.write("  Nothing is being deployed, and nothing waits.")


def describe(region: Region) -> dict[str, Any]:
    """Plain JSON values; estimates in seconds, null where nobody knows."""
    releases = Release.objects.select_related("service__environment", "region")
    in_work = releases.in_work().filter(region=region).order_by("started_at")
    waiting = _light(releases.waiting(region))
    return {
        "region": region.name,
        "gate": region.gate,
        "gate_reason": region.gate_reason,
        "slots": region.slots,
        "in_work": [{**_row(release), "stage": _stage(release)} for release in _light(in_work)],
        "waiting": [
            {
                **_row(release),
                "place": place,
                "why": queue.waits_for(release),
                "moved_up": release.moved_up_reason or None,
            }
            for place, release in enumerate(waiting, 1)
        ],
    }


def _regions(name: str | None) -> list[Region]:
    regions = list(Region.objects.filter(name=name) if name else Region.objects.all())
    if name and not regions:
        names = ", ".join(Region.objects.values_list("name", flat=True))
        raise CommandError(f"There is no region “{name}”. There are: {names}.")
    return regions


def _light(releases: ReleaseQuerySet) -> ReleaseQuerySet:
    return releases.defer("frozen", "frozen_variables", "frozen_credentials")[:LONGEST]


def _row(release: Release) -> dict[str, Any]:
    left = estimate(release)
    return {
        "release": f"{release.service.environment}/{release.service} #{release.number}",
        "status": release.get_status_display(),
        "queued_at": release.queued_at.isoformat(timespec="seconds"),
        "seconds_left": None if left is None else round(left.total_seconds()),
    }


def _stage(release: Release) -> str:
    run = StageRun.objects.filter(release=release).last()
    return run.get_stage_display() if run else "Pull"


def _left(row: dict[str, Any], words: str) -> str:
    seconds = row["seconds_left"]
    return "no estimate" if seconds is None else f"about {duration(timedelta(seconds=seconds))} {words}"
