"""The metrics of the Overview in a real browser."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from releases.metrics.spans import floor
from releases.models import InstanceUsage, Measurement, Release, Status
from services.models import Service
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn
from tests.factories import Cast, make_instance, make_release, make_service


def make_metrics(cast: Cast) -> Service:
    """Five releases, two instances, and an hour of figures with a gap."""
    service = make_service(cast.environment, "shop", instances=2)
    now = timezone.now()
    for ago in (58, 40, 39, 12):
        make_release(service, Status.RETIRED, live_at=now - timedelta(minutes=ago))
    live = make_release(service)
    for index, memory in ((1, 120.0), (2, 249.0)):
        instance = make_instance(live, index)
        InstanceUsage.objects.create(
            service=service, name=instance.name, state="running", restarts=index - 1, started_at=now, cpu=0.2 * index,
            memory_mb=memory, memory_limit_mb=256, answering=index == 1, measured_at=now,
        )  # fmt: skip
    for width, count in ((10, 360), (60, 1440), (900, 672)):
        Measurement.objects.bulk_create(
            measurement(service, width, number, now) for number in range(1, count) if not 100 < number < 130
        )
    return service


def measurement(service: Service, width: int, number: int, now: datetime) -> Measurement:
    wave = 1 + math.sin(number / 20) * 0.6
    return Measurement(
        service=service, width=width, at=floor(now, width) - timedelta(seconds=width * number),
        cpu=0.3 * wave, memory_mb=140 + 40 * wave, memory_limit_mb=256, looks=width // 10,
        requests=int(40 * wave * width / 10), errors=number % 37 == 0, seconds=0.03 * wave,
    )  # fmt: skip


def test_the_charts_are_read_and_switched(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    service = make_metrics(cast)
    page = logged_in_page(cast.viewer)
    page.goto(live_server.url + reverse("service", args=[cast.environment.code, service.name]))
    expect(page.get_by_role("img", name="Memory of the fullest instance over the last 1 hour")).to_be_visible()
    expect(page.get_by_text("Not answering")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="24 hours").click()
    expect(page.get_by_role("img", name="Processor, cores over the last 24 hours")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?range=24h$"))
    page.reload()
    expect(page.get_by_role("link", name="24 hours")).to_have_attribute("aria-current", "true")


def test_a_mark_leads_to_its_release(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    service = make_metrics(cast)
    first = Release.objects.get(service=service, number=1)
    page = logged_in_page(cast.viewer)
    page.goto(live_server.url + reverse("service", args=[cast.environment.code, service.name]))
    page.get_by_role("link", name="Release #1").first.click()
    expect(page).to_have_url(live_server.url + first.get_absolute_url())


def test_the_charts_renew_themselves(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    service = make_service(cast.environment, "quiet")
    page = logged_in_page(cast.viewer)
    page.clock.install()
    page.goto(live_server.url + reverse("service", args=[cast.environment.code, service.name]))
    expect(page.get_by_role("heading", name="No figures of the last 1 hour")).to_be_visible()
    assert violations(page) == []
    measurement(service, 10, 1, timezone.now()).save()
    page.clock.run_for(11_000)
    expect(page.get_by_role("img", name="Response time over the last 1 hour")).to_be_visible()
