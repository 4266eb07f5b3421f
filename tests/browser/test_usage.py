"""The usage page in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from releases.models import Instance, Status
from tests.browser.accessibility import violations
from tests.browser.conftest import LogIn
from tests.factories import Cast, make_release, make_service


def test_usage_is_read_and_downloaded(logged_in_page: LogIn, live_server: Any, cast: Cast) -> None:
    now = timezone.now()
    for name in ("web", "a" + "-long-name" * 4 + "-really"):
        service = make_service(cast.environment, name)
        for number, status in enumerate((Status.RETIRED, Status.FAILED, Status.LIVE)):
            release = make_release(service, status)
            ended = None if status == Status.LIVE else now
            started = now - timedelta(minutes=3 - number)
            Instance.objects.create(release=release, index=1, name=str(release), started_at=started, removed_at=ended)
    page = logged_in_page(cast.viewer)
    page.goto(live_server.url + reverse("usage", args=[cast.environment.code]))
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
