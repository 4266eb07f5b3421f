"""`manage.py first_run`: what a fresh installation starts with. Run again, it makes only what is missing."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand

from kintohub.accounts.models import Plan, User
from releases.actions import create_and_deploy
from releases.models import Release, Status
from services import languages
from services.actions import create_environment
from services.examples import publish
from services.models import Environment, Region
from services.settings import Credentials, ServiceSettings

EXAMPLE = "hello-python"
LONGEST = 900.0  # seconds: the first deploy may have to build its base image from Debian packages


class Command(BaseCommand):
    help = "Create the operator account, a region, an environment and the example service, and deploy it."

    def handle(self, *args: Any, **options: Any) -> None:
        publish_examples()
        if User.objects.exists():
            return
        password = secrets.token_urlsafe(12)
        operator = User.objects.create_superuser("operator", "", password, plan=Plan.PAY_AS_YOU_GO)
        region, _ = Region.objects.get_or_create(name="local")
        environment = create_environment(operator, "production", region)
        self.stdout.write("")
        self.stdout.write(f"  Dashboard  http://localhost:{settings.PORT}/")
        self.stdout.write("  User       operator")
        self.stdout.write(f"  Password   {password}    (shown this once; change it under your name at the top right)")
        self.stdout.write("")
        self._deploy_example(operator, environment)

    def _deploy_example(self, operator: User, environment: Environment) -> None:
        release = create_and_deploy(operator, environment, EXAMPLE, example_settings(), [], Credentials(), uuid4())
        begun = time.monotonic()
        shown = ""
        while not release.is_finished and time.monotonic() - begun < LONGEST:
            shown = self._show(release, shown)
            time.sleep(0.3)
            release.refresh_from_db()
        self._tell(release, time.monotonic() - begun)

    def _show(self, release: Release, shown: str) -> str:
        run = release.stages.last()
        now = run.get_stage_display() if run else release.get_status_display()
        if now != shown:
            self.stdout.write(f"  Deploying the example service: {now} ...")
            self.stdout.flush()
        return now

    def _tell(self, release: Release, seconds: float) -> None:
        if release.status == Status.LIVE:
            self.stdout.write(f"  The example answers at {release.service.address} (deployed in {seconds:.1f} s)")
        else:
            self.stdout.write(f"  The example is {release.get_status_display()}: {release.reason}")
            self.stdout.write("  Its log is on the dashboard.")


def publish_examples() -> None:
    for source in sorted((settings.BASE_DIR / "examples").iterdir()):
        if source.is_dir():
            publish(source, Path(settings.LOCAL_REPOSITORIES) / source.name)


def example_settings() -> ServiceSettings:
    """As Create Service would fill them in for the example's repository."""
    return ServiceSettings(
        repository_url=f"file://{Path(settings.LOCAL_REPOSITORIES) / EXAMPLE}",
        branch="main",
        subfolder=".",
        language="python",
        version=languages.get("python").default_version,
        dockerfile="",
        build_command="pip install -r requirements.txt",
        start_command="python run.py",
        port=8000,
        memory_mb=256,
        cpu=1.0,
        instances=1,
        health_path="",
        deploy_timeout=60,
    )
