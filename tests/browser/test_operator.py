"""An operator's hand on the queue, and what the people who wait see of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from releases import queue
from releases.models import LogStream, Release, Status
from services.models import AuditEvent, Gate
from tests.browser.conftest import LogIn
from tests.factories import Cast, make_release, make_service


def test_a_frozen_region_says_why_to_everyone_who_waits(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    release = make_release(make_service(cast.environment, "web"), Status.QUEUED)
    LogStream.objects.create(release=release)
    page = logged_in_page(cast.operator)
    page.goto(f"{live_server.url}/admin/services/region/")
    page.locator("input.action-select").first.check()
    page.get_by_label("Action:").select_option("freeze")
    page.get_by_role("button", name="Go").click()
    page.get_by_label("Reason").fill("New disks until noon")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("Frozen: deploys are accepted and wait")).not_to_have_count(0)
    region = cast.environment.region
    region.refresh_from_db()
    assert (region.gate, AuditEvent.objects.get(verb="freeze region").actor) == (Gate.FROZEN, "operator")
    assert queue.claim(region, "worker") is None
    page = logged_in_page(cast.developer)
    page.goto(f"{live_server.url}{Release.objects.get(pk=release.pk).get_absolute_url()}")
    expect(page.get_by_text("New disks until noon")).to_be_visible()
