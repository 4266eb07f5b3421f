"""`python -m kintohub.beat <file>`: the scheduler, which keeps in the file when it sent what.

It only sends the names of tasks, so it loads neither Django nor the product, nor Celery's command, and stays small.
"""

from __future__ import annotations

import sys

from celery import Celery

from kintohub import broker
from kintohub.config import load

_config = load()

app = Celery("kintohub.beat", broker=_config.redis_url, fixups=[])
app.conf.update(
    task_default_queue=broker.queue_of(_config.installation_id),
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    broker_transport_options=broker.TRANSPORT,
    beat_schedule={
        "sweep": {"task": "releases.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
        "reconcile": {"task": "releases.tasks.reconcile", "schedule": 30.0, "options": {"expires": 30}},
        "prune": {"task": "releases.tasks.prune", "schedule": 300.0, "options": {"expires": 300}},
        "base-images": {"task": "releases.tasks.check_base_images", "schedule": 600.0, "options": {"expires": 600}},
    },
)

if __name__ == "__main__":
    app.Beat(schedule=sys.argv[1], loglevel="INFO").run()
