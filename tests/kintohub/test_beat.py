"""The scheduler sends what the worker takes, and loads nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys

from kintohub import beat, celery


def test_every_scheduled_task_is_one_of_the_workers() -> None:
    celery.app.loader.import_default_modules()
    names = {entry["task"] for entry in beat.app.conf.beat_schedule.values()}
    assert names and names <= set(celery.app.tasks)


def test_it_sends_where_the_worker_listens() -> None:
    assert beat.app.conf.task_default_queue == celery.app.conf.task_default_queue
    assert beat.app.conf.broker_transport_options == celery.app.conf.broker_transport_options


LOOK = "import sys; from kintohub import beat; beat.app.loader.init_worker(); beat.app.finalize(); print(*sys.modules)"


def test_neither_django_nor_the_product_is_loaded() -> None:
    """kombu looks at one module of Django's where it finds it; that is not what takes the memory."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True, timeout=30)
    loaded = set(done.stdout.split())
    assert "kintohub.beat" in loaded
    assert not loaded & {"django.db", "django.conf", "releases", "services", "docker"}
