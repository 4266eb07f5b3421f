"""Requests of services, from counters of slots."""

from __future__ import annotations

import pytest

from releases.answers import begin_to_count
from releases.metrics.using import LONGEST
from releases.metrics.visits import Counter, Visits
from releases.models import Release, Status
from releases.proxy.base import Slot, Target
from releases.proxy.memory import MemoryProxy
from tests.factories import make_release, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def proxy() -> MemoryProxy:
    return MemoryProxy()


def serve_in(proxy: MemoryProxy, slot: int, release: Release) -> Release:
    proxy.fill(Slot(slot, str(release.pk), (Target("i1", "127.0.0.1", 80),)))
    Release.objects.filter(slot=slot).exclude(pk=release.pk).update(slot=None)
    release.slot = slot
    release.save(update_fields=["slot"])
    begin_to_count(proxy, release)
    return release


def look(counter: Counter, proxy: MemoryProxy, now: float) -> dict[int, Visits] | None:
    return counter.look(proxy, proxy.served(), now)


def test_what_came_since_the_last_look(proxy: MemoryProxy) -> None:
    service, counter = make_service(), Counter()
    serve_in(proxy, 1, make_release(service))
    proxy.serve(1, answers=5)
    assert look(counter, proxy, 100) is None
    proxy.serve(1, answers=3, errors=1, seconds=0.25)
    assert look(counter, proxy, 110) == {service.pk: Visits(3, 1, 0.25)}
    assert look(counter, proxy, 120) == {service.pk: Visits(0, 0, None)}


def test_two_releases_of_a_service_are_added(proxy: MemoryProxy) -> None:
    service, counter = make_service(), Counter()
    serve_in(proxy, 1, make_release(service, Status.RETIRED))
    look(counter, proxy, 100)
    proxy.serve(1, answers=1, seconds=0.4)
    serve_in(proxy, 2, make_release(service))
    proxy.serve(2, answers=3, seconds=0.2)
    found = look(counter, proxy, 110)
    assert found is not None
    visits = found[service.pk]
    assert (visits.requests, visits.errors) == (4, 0)
    assert visits.seconds == pytest.approx(0.25)


def test_a_slot_that_another_release_has_now(proxy: MemoryProxy) -> None:
    first, second, counter = make_service(), make_service(), Counter()
    serve_in(proxy, 1, make_release(first))
    look(counter, proxy, 100)
    proxy.serve(1, answers=4)
    serve_in(proxy, 1, make_release(second))
    proxy.serve(1, answers=2)
    found = look(counter, proxy, 110)
    assert found is not None
    assert {service: visits.requests for service, visits in found.items()} == {first.pk: 4, second.pk: 2}


def test_the_last_requests_of_a_release_that_gave_its_slot_back(proxy: MemoryProxy) -> None:
    service, counter = make_service(), Counter()
    release = serve_in(proxy, 1, make_release(service))
    look(counter, proxy, 100)
    proxy.serve(1, answers=4)
    Release.objects.filter(pk=release.pk).update(slot=None)
    assert look(counter, proxy, 110) == {service.pk: Visits(4, 0, None)}
    assert look(counter, proxy, 120) == {}


def test_a_restarted_proxy_counts_from_nothing(proxy: MemoryProxy) -> None:
    service, counter = make_service(), Counter()
    serve_in(proxy, 1, make_release(service))
    proxy.serve(1, answers=50)
    look(counter, proxy, 100)
    proxy.restart()
    proxy.serve(1, answers=2)
    assert look(counter, proxy, 110) == {service.pk: Visits(2, 0, 0.0)}


def test_nothing_is_said_about_a_time_that_was_missed(proxy: MemoryProxy) -> None:
    counter = Counter()
    serve_in(proxy, 1, make_release())
    look(counter, proxy, 100)
    assert look(counter, proxy, 101 + LONGEST) is None
    counter.forget()
    assert look(counter, proxy, 111 + LONGEST) is None
