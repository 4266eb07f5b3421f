"""The product's settings over a throw-away environment: nothing outlives the process or reaches an installation."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

_scratch = Path(tempfile.mkdtemp(prefix="kintohub-test-"))
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
(_scratch / "static").mkdir()

os.environ.update(
    KINTOHUB_DATA=str(_scratch),
    KINTOHUB_SECRET_KEY=secrets.token_urlsafe(48),
    KINTOHUB_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
    KINTOHUB_INSTALLATION_ID=secrets.token_hex(4),
    KINTOHUB_ENGINE="memory",
    KINTOHUB_PROXY="memory",
    KINTOHUB_HTTPS="false",
    KINTOHUB_BASE_DOMAIN="localhost",
    KINTOHUB_PUBLIC_PORT="8080",
    KINTOHUB_PREFLIGHT_SECONDS="0",  # tests of other things name repositories that are nowhere
    KINTOHUB_LOCAL_REPOSITORIES=str(_scratch / "repositories"),
)

from kintohub.settings import *  # noqa: E402, F403
from kintohub.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads and processes of a test get real connections with the product's own locking.
    DATABASES["default"]["TEST"] = {"NAME": str(_scratch / "test.sqlite3")}

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
