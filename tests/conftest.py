"""The cast and their browsers, for every test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from kintohub.accounts.models import User
from tests.factories import Cast, make_cast

DATABASE = {"db", "transactional_db", "django_db_setup"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What touches the database is marked `database`: it is run on another one too."""
    for item in items:
        if DATABASE & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db"):
            item.add_marker("database")


LoggedIn = Callable[[User], Client]


@pytest.fixture
def cast(db: None) -> Cast:
    """An environment with owner, developer and viewer; a stranger; an operator."""
    return make_cast()


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
