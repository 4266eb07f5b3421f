"""What is measured: a database, a Redis and a web process of their own, and releases whose logs are written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from releases.models import LogStream, Release, Status
from tests.browser.web import Web
from tests.factories import Cast, make_cast, make_release, make_service
from tests.servers import RedisServer


@dataclass(frozen=True)
class Place:
    web: Web
    redis: RedisServer
    cast: Cast
    cookie: str

    def new_release(self, name: str) -> Release:
        """In work, with an empty log."""
        release = make_release(make_service(self.cast.environment, name), Status.DEPLOYING)
        LogStream.objects.create(release=release)
        return release

    def socket_of(self, release: Release) -> str:
        return f"ws://localhost:{self.web.port}/ws/releases/{release.pk}/log"


def finish(release: Release) -> None:
    Release.objects.filter(pk=release.pk).update(status=Status.LIVE)


@contextmanager
def place() -> Iterator[Place]:
    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    cast = make_cast()
    with tempfile.TemporaryDirectory(prefix="kintohub-bench-") as scratch:
        redis = RedisServer(Path(scratch))
        redis.start()
        settings.REDIS_URL = redis.url
        web = Web(redis.url)
        web.start()
        try:
            yield Place(web, redis, cast, _cookie(cast))
        finally:
            web.stop()
            redis.stop()


def _cookie(cast: Cast) -> str:
    client = Client()
    client.force_login(cast.owner)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
