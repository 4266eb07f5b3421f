"""A log to write and to follow."""

from __future__ import annotations

import pytest
import redis

from releases.models import LogStream, Release, Status
from tests.factories import make_release
from tests.servers import redis_server, redis_url  # noqa: F401


@pytest.fixture
def release(transactional_db: None) -> Release:
    """In work, with an empty log; other threads and processes see it."""
    release = make_release(status=Status.DEPLOYING)
    LogStream.objects.create(release=release)
    return release


@pytest.fixture
def with_redis(redis_url: str, settings: pytest.FixtureRequest) -> str:  # noqa: F811
    """An empty one: the release of the test before may have had the same number."""
    settings.REDIS_URL = redis_url  # type: ignore[attr-defined]
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url
