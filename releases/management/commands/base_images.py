"""`manage.py base_images`: which base images can be had; with `--build NAME`, gets one ahead of its first use."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from releases.baseimages.availability import refresh_availability
from releases.baseimages.ensure import ensure
from releases.baseimages.names import find_recipe
from releases.baseimages.this_host import means
from releases.engine.base import EngineError, Output
from releases.engine.registry import engine_for
from services.models import BaseImage

SECONDS = 1800.0


class Command(BaseCommand):
    help = "List which base images can be had, and how. With --build, pull or build images now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--build", metavar="IMAGE", nargs="+", default=[], help="for example python:3.13")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for name in options["build"]:
                self._build(name)
            refresh_availability()
        except EngineError as error:
            raise CommandError(str(error)) from error
        if not options["build"]:
            self._list()

    def _build(self, name: str) -> None:
        engine = engine_for(settings.ENGINE, settings.INSTALLATION_ID)
        image = ensure(engine, name, find_recipe(name), self._show, lambda: False, SECONDS, means())
        self.stdout.write(f"{name} is on the engine ({image.size / 1e6:.0f} MB).")

    def _show(self, output: Output) -> None:
        self.stdout.write(output.data.decode(errors="replace"), ending="")
        self.stdout.flush()

    def _list(self) -> None:
        for row in BaseImage.objects.all():
            how = row.reason or row.get_availability_display()
            self.stdout.write(f"{row.language:<10} {row.version:<6} {row.image:<30} {how}")
