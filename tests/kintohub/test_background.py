"""Worker and agent load what they need: an application that nobody uses in a process costs it memory all the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from kintohub import background, settings

PAGES = {"releases.views", "django.contrib.admin", "django.contrib.sessions", "allauth", "daphne", "twisted"}


def loaded(statement: str) -> set[str]:
    look = f"import sys, django; django.setup(); {statement}; print(*sys.modules)"
    line = [sys.executable, "-c", look]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "kintohub.background"}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True, timeout=30)
    return set(done.stdout.split())


def test_pages_have_every_application_that_the_others_have() -> None:
    assert set(background.INSTALLED_APPS) < set(settings.INSTALLED_APPS)


@pytest.mark.parametrize(
    ("statement", "module", "more"),
    [
        ("import kintohub.worker; kintohub.worker.app.loader.import_default_modules()", "releases.pipeline", set()),
        ("import releases.management.commands.agent", "releases.agent.agent", {"celery", "releases.actions"}),
    ],
)
def test_pages_are_not_loaded(statement: str, module: str, more: set[str]) -> None:
    found = loaded(statement)
    assert module in found
    assert not found & (PAGES | more)
