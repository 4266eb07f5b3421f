"""Pages say beforehand whether the deploy has downtime, and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from releases import platform
from releases.engine.memory import MemoryEngine
from releases.engine.registry import engine_for
from releases.models import Release, Status
from releases.views.edit import stored_of
from tests.factories import Cast, make_release, make_service

FIRST = "This deploy has downtime.</strong> It is the first one"
NONE = "This deploy has no downtime.</strong> Release #1 serves until the new one answers."
NO_ROOM = "This deploy will fail before anything is started.</strong> Not enough memory: it needs"


@pytest.fixture(autouse=True)
def engine() -> Iterator[MemoryEngine]:
    MemoryEngine._shared.clear()
    engine_for.cache_clear()
    made = platform.engine()
    assert isinstance(made, MemoryEngine)
    yield made
    MemoryEngine._shared.clear()
    engine_for.cache_clear()


@pytest.fixture
def live(cast: Cast) -> Release:
    return make_release(make_service(cast.environment, "web"), commit_sha="a" * 40)


def words(content: bytes) -> str:
    return " ".join(content.decode().split())


def edited(client: Client, live: Release, **changes: str) -> str:
    sent = {**stored_of(live).as_sent(changes).dict(), "action": "preview"}
    address = reverse("release_edit", args=[live.service.environment.code, "web", live.number])
    return words(client.post(address, sent).content)


def test_create_service_says_that_the_first_has_downtime(cast: Cast, owner_client: Client) -> None:
    address = reverse("service_create", args=[cast.environment.code])
    assert FIRST in words(owner_client.get(address).content)
    sent = {"action": "preview", "memory_mb": "8192", "instances": "3"}
    told = words(owner_client.post(address, sent).content)
    assert f"{NO_ROOM} 3 × 8192 MB = 24576 MB, and the machine has 3000 MB free" in told
    assert words(owner_client.post(address, {**sent, "instances": "many"}).content) == ""
    assert FIRST in words(owner_client.post(address, {"action": "preview"}).content)


def test_an_edit_says_so_as_soon_as_it_differs(live: Release, owner_client: Client, engine: MemoryEngine) -> None:
    assert "downtime" not in edited(owner_client, live)
    assert "downtime" not in edited(owner_client, live, port="0")
    assert NONE in edited(owner_client, live, port="4000")
    told = edited(owner_client, live, memory_mb="4096")
    assert f"{NO_ROOM} 4096 MB beside release #1" in told and "Release #1 goes on serving." in told


def test_a_suspended_service_has_downtime(cast: Cast, owner_client: Client) -> None:
    release = make_release(make_service(cast.environment, "web"), Status.SUSPENDED, commit_sha="a" * 40)
    assert "The service is suspended: its address answers again" in edited(owner_client, release, port="4000")


def test_a_rollback_says_so(live: Release, owner_client: Client, engine: MemoryEngine) -> None:
    old = make_release(live.service, Status.RETIRED)
    address = f"{old.get_absolute_url()}rollback"
    assert NONE in words(owner_client.get(address).content)
    engine.memory_free_mb = 100
    assert f"{NO_ROOM} 256 MB beside release #1" in words(owner_client.get(address).content)


def test_a_page_does_not_fail_with_the_engine(cast: Cast, owner_client: Client, engine: MemoryEngine) -> None:
    engine.fail("capacity")
    response = owner_client.get(reverse("service_create", args=[cast.environment.code]))
    assert response.status_code == 200
    assert b"downtime." not in response.content
