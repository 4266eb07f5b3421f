"""Reconcile on a real HAProxy: lost routes come back, and nothing is written where all is right."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from releases import instances, platform
from releases.engine.base import InstanceRequest
from releases.engine.memory import MemoryEngine
from releases.engine.registry import engine_for
from releases.ledger import Ledger
from releases.models import Release, Status
from releases.proxy.base import Slot, Table, Target
from releases.reconcile import Outcome, Watch, reconcile
from tests.factories import make_release, make_service
from tests.proxy.apps import App
from tests.proxy.conftest import SLOTS, Running

pytestmark = [pytest.mark.proxy, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def live(haproxy: Running, blue: App, settings: Any, tmp_path: Any) -> Iterator[Release]:
    """A release whose only instance is the blue application, on an engine in memory and a real proxy."""
    settings.PROXY, settings.PROXY_SLOTS, settings.DATA_DIR = "haproxy", SLOTS, tmp_path
    settings.PROXY_SOCKET, settings.PROXY_CONFIG_DIR = haproxy.parameters.socket, haproxy.files.directory
    settings.PUBLIC_PORT = haproxy.parameters.public_port
    MemoryEngine._shared.clear()
    engine_for.cache_clear()
    platform.proxy.cache_clear()
    release = make_release(make_service(port=blue.port), Status.LIVE)
    _start(release)
    proxy = platform.proxy()
    slot = Ledger(release, platform.engine(), proxy).take_slot()
    proxy.fill(instances.slot_of(release, slot))
    proxy.point(release.service.host, slot)
    yield release
    platform.proxy.cache_clear()


def _start(release: Release) -> None:
    engine = platform.engine()
    image = engine.pull_image("app:1", lambda _: None, lambda: False, 1)
    network = engine.ensure_network(release.service.environment.code)
    request: InstanceRequest = instances.request_of(release, 1, network, image.digest)
    instances.start(engine, release, 1, request)


def served_by(haproxy: Running, release: Release) -> str:
    return haproxy.get(release.service.host)[1]


def test_nothing_differs_after_a_deploy_and_after_a_kill(haproxy: Running, live: Release) -> None:
    assert reconcile(apply=True) == []
    haproxy.kill()
    [silent] = reconcile(apply=True)
    assert silent.subject == "proxy"
    haproxy.start()
    assert reconcile(apply=True) == []
    assert '"blue"' in served_by(haproxy, live)


def test_a_proxy_that_starts_with_nothing_serves_again_and_keeps_it(haproxy: Running, live: Release) -> None:
    haproxy.kill()
    haproxy.files.store(Table())
    haproxy.start()
    assert haproxy.get(live.service.host)[0] == 404
    begun = time.monotonic()
    assert [finding.outcome for finding in reconcile(apply=True)] == [Outcome.REPAIRED]
    assert time.monotonic() - begun < 20
    assert '"blue"' in served_by(haproxy, live)
    haproxy.kill()
    haproxy.start()
    assert '"blue"' in served_by(haproxy, live)


def test_a_slot_that_a_stranger_holds_is_taken_back(haproxy: Running, live: Release, green: App) -> None:
    assert live.slot is not None
    proxy = platform.proxy()
    proxy.forget(live.service.host)
    proxy.fill(Slot(live.slot, "999999", (Target("i1", "127.0.0.1", green.port),)))
    proxy.point(live.service.host, live.slot)
    assert '"green"' in served_by(haproxy, live)
    reconcile(apply=True)
    assert '"blue"' in served_by(haproxy, live)
    assert [slot.release for slot in proxy.table().slots] == [str(live.pk)]
    assert reconcile(apply=True) == []


def test_a_restart_is_noticed_and_the_routes_are_put_right_at_once(haproxy: Running, live: Release) -> None:
    watch = Watch()
    assert watch.look() == []
    haproxy.kill()
    assert watch.look() == []
    haproxy.files.store(Table())
    haproxy.start()
    assert [finding.outcome for finding in watch.look()] == [Outcome.REPAIRED]
    assert '"blue"' in served_by(haproxy, live)
    assert watch.look() == []
