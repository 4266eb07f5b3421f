"""The Celery application: worker and beat load it; the web process only sends hints through it."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kintohub.settings")

app = Celery("kintohub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep": {"task": "releases.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "reconcile": {"task": "releases.tasks.reconcile", "schedule": 30.0, "options": {"expires": 30}},
    "prune": {"task": "releases.tasks.prune", "schedule": 300.0, "options": {"expires": 300}},
    "base-images": {"task": "releases.tasks.check_base_images", "schedule": 600.0, "options": {"expires": 600}},
}

__all__ = ["app"]
