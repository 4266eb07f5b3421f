"""The product's settings for a web process of the tests; its environment comes from the test process."""

from __future__ import annotations

from kintohub.settings import *  # noqa: F403
from kintohub.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
CELERY_BROKER_URL = "memory://"
