"""The cast and their browsers, for every test."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from kintohub.accounts.models import User
from tests.factories import Cast, make_cast

OTHER_SESSIONS = """
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
OTHERS_SECONDS = 10.0
DATABASE = {"db", "transactional_db", "django_db_setup"}

# Speed is for `make bench`: an example may take as long as the machine lets it.
settings.register_profile("kintohub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kintohub")

gc.disable()  # while modules are loaded and tests are collected: none of that is garbage


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking through it again and again took a tenth of the time of all unit tests."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What touches the database is marked `database`: it is run on another one too."""
    for item in items:
        if DATABASE & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db"):
            item.add_marker("database")


LoggedIn = Callable[[User], Client]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Emptying the tables after a test makes Django fill them with permissions again: 70 ms, and no test reads them."""
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock():
            end_other_sessions()


def end_other_sessions() -> None:
    """Threads of the last test end a moment after it; PostgreSQL drops no database that somebody is connected to."""
    deadline = time.monotonic() + OTHERS_SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            gc.collect()  # a thread's connection ends with the last that refers to it
            cursor.execute(f"SELECT count(*) {OTHER_SESSIONS}")
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.05)
        cursor.execute(f"SELECT pg_terminate_backend(pid) {OTHER_SESSIONS}")


@pytest.fixture
def cast(db: None) -> Cast:
    """An environment with owner, developer and viewer; a stranger; an operator."""
    return make_cast()


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    """Every look at it gives the same time."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def without_redis(settings: Any) -> None:
    """Nothing listens there."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"


@pytest.fixture
def logged_in() -> LoggedIn:
    """`logged_in(user)` is that user's client."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def owner_client(cast: Cast, logged_in: LoggedIn) -> Client:
    return logged_in(cast.owner)


@pytest.fixture
def developer_client(cast: Cast, logged_in: LoggedIn) -> Client:
    return logged_in(cast.developer)


@pytest.fixture
def viewer_client(cast: Cast, logged_in: LoggedIn) -> Client:
    return logged_in(cast.viewer)


@pytest.fixture
def stranger_client(cast: Cast, logged_in: LoggedIn) -> Client:
    return logged_in(cast.stranger)


@pytest.fixture
def anonymous_client() -> Client:
    return Client()
