"""Django's settings of the processes without pages, worker and agent, derived from `config.py`.

What only pages need is in `settings.py`: applications that nobody uses in a process cost it memory all the same.
"""

from __future__ import annotations

import dj_database_url

from kintohub import broker
from kintohub.config import CHECKOUT, load

config = load()

BASE_DIR = CHECKOUT
DATA_DIR = config.data
SECRET_KEY = config.secret_key
ENCRYPTION_KEYS = config.keys
INSTALLATION_ID = config.installation_id
DEBUG = config.debug
ALLOWED_HOSTS = [host.strip() for host in config.hosts.split(",") if host.strip()]

PORT = config.port
PUBLIC_PORT = config.public_port
BASE_DOMAIN = config.base_domain
REDIS_URL = config.redis_url
METRICS_TOKEN = config.metrics_token
ENGINE = config.engine
PROXY = config.proxy
PROXY_SOCKET = config.proxy_socket or str(DATA_DIR / "proxy" / "admin.sock")
PROXY_CONFIG_DIR = config.proxy_config_dir or str(DATA_DIR / "proxy")
PROXY_SLOTS = config.proxy_slots
MAX_REQUEST_MB = config.max_request_mb
GIT_PROTOCOLS = tuple(config.git_protocols.split(":"))
GIT_PRIVATE_HOSTS = config.git_private_hosts
DEBIAN_MIRROR = config.debian_mirror
DISK_FLOOR_MB = config.disk_floor_mb
MEMORY_FLOOR_MB = config.memory_floor_mb
CONSOLE_LINES = config.console_lines
CONSOLE_DAYS = config.console_days
PREFLIGHT_SECONDS = config.preflight_seconds
LOCAL_REPOSITORIES = config.local_repositories or str(DATA_DIR / "examples")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "kintohub.accounts",
    "services",
    "releases",
]

DATABASES = {
    "default": dj_database_url.parse(config.database_url or f"sqlite:///{DATA_DIR}/kintohub.sqlite3", conn_max_age=0)
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Short writes from several processes: writers queue up at once instead of failing half way (WAL, BEGIN IMMEDIATE).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counters of failed logins live in the database: they hold while Redis is down or wiped.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

AUTH_USER_MODEL = "accounts.User"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = broker.queue_of(INSTALLATION_ID)
# Publishing a hint must never hold up a page: the periodic sweep makes a lost hint harmless.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = broker.TRANSPORT

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.channels.server": {"level": "WARNING"}, "daphne": {"level": "WARNING"}},
}
