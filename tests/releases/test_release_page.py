"""The release page: who sees it, what it says in each status, and when it stops renewing itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from releases.logs import store
from releases.logs.lines import BUILD, Block, Line
from releases.models import LogStream, Release, Stage, StageRun, StageStatus, Status
from tests.conftest import LoggedIn
from tests.factories import Cast, make_release, make_service

FRAGMENT = {"HX-Request": "true"}


def make(cast: Cast, status: Status, **fields: object) -> Release:
    release = make_release(make_service(cast.environment, "web"), status, requested_by=cast.owner, **fields)
    closed = timezone.now() if release.is_finished else None
    LogStream.objects.create(release=release, closed_at=closed)
    return release


def ran(release: Release, stage: Stage, status: StageStatus, seconds: int = 3) -> None:
    begun = timezone.now() - timedelta(seconds=60)
    ended = None if status is StageStatus.RUNNING else begun + timedelta(seconds=seconds)
    StageRun.objects.create(release=release, stage=stage, status=status, started_at=begun, finished_at=ended)


def page_of(client: Client, release: Release, **headers: str) -> str:
    response = client.get(release.get_absolute_url(), headers=headers)
    assert response.status_code == 200
    assert "HX-Request" in response["Vary"]
    return response.content.decode()


@pytest.mark.parametrize("path", ["", "log.txt"])
def test_members_see_it_and_nobody_else(cast: Cast, logged_in: LoggedIn, path: str) -> None:
    address = make(cast, Status.LIVE).get_absolute_url() + path
    for user in cast.members:
        assert logged_in(user).get(address).status_code == 200
    for user in (cast.stranger, cast.operator):
        assert logged_in(user).get(address).status_code == 404
    assert Client().get(address)["Location"].startswith("/account/login/")


def test_a_number_that_does_not_exist(cast: Cast, owner_client: Client) -> None:
    address = make(cast, Status.LIVE).get_absolute_url()
    assert owner_client.get(address.replace("/1/", "/2/")).status_code == 404
    assert owner_client.get(address.replace("/1/", f"/{10**30}/")).status_code == 404


def test_title_commit_and_who(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.LIVE)
    page = page_of(owner_client, release)
    for text in ("web #1", release.short_sha, "Say hello", "Ada Lovelace", "owner", "Create Service", "Live Version"):
        assert text in page


def test_queued_tells_place_and_reason_and_renews_itself(cast: Cast, owner_client: Client) -> None:
    page = page_of(owner_client, make(cast, Status.QUEUED))
    assert "Next in the queue" in page
    assert "It starts within seconds." in page
    assert 'hx-trigger="every 1s"' in page


def test_the_stepper_shows_what_ran_what_runs_and_what_failed(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.DEPLOYING)
    ran(release, Stage.PULL, StageStatus.DONE, 3)
    ran(release, Stage.BUILD, StageStatus.REUSED)
    ran(release, Stage.START, StageStatus.RUNNING)
    page = page_of(owner_client, release, **FRAGMENT)
    assert "<html" not in page
    labels = ["Queued", *Stage.labels]
    positions = [page.index(label, page.index("stepper")) for label in labels]
    assert positions == sorted(positions)
    assert "<small>3s</small>" in page
    assert "<small>Reused</small>" in page
    assert 'aria-current="step"' in page
    assert page.count("Not reached") == 3 + 1  # store was skipped here, check, switch and retire were not reached


def test_a_failure_names_stage_reason_and_who_still_serves(cast: Cast, owner_client: Client) -> None:
    service = make_service(cast.environment, "web")
    make_release(service, Status.LIVE)
    failed = make_release(service, Status.FAILED, reason="Exit <b>code</b> 1.", failed_stage=Stage.BUILD)
    page = page_of(owner_client, failed)
    assert "The stage Build failed" in page
    assert "Exit &lt;b&gt;code&lt;/b&gt; 1." in page
    assert "Release #1</a> still serves." in page


def test_a_first_failure_says_that_nothing_serves(cast: Cast, owner_client: Client) -> None:
    assert "No release of this service serves yet." in page_of(owner_client, make(cast, Status.FAILED))


def test_success_shows_address_and_time(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.LIVE)
    page = page_of(owner_client, release)
    assert f'href="{release.service.address}"' in page
    assert "Deployed in 1m 0s" in page


@pytest.mark.parametrize("status", [Status.LIVE, Status.RETIRED, Status.FAILED, Status.ABORTED, Status.SUPERSEDED])
def test_a_finished_release_does_not_renew_itself(cast: Cast, owner_client: Client, status: Status) -> None:
    assert "hx-get" not in page_of(owner_client, make(cast, status))


def test_a_live_release_renews_itself_until_the_old_one_is_retired(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.LIVE, heartbeat_at=timezone.now())
    LogStream.objects.update(closed_at=None)
    ran(release, Stage.RETIRE, StageStatus.RUNNING)
    assert 'hx-trigger="every 1s"' in page_of(owner_client, release)


def test_html_in_a_commit_is_shown_as_text(cast: Cast, owner_client: Client) -> None:
    hostile = "<script>alert(1)</script>"
    page = page_of(owner_client, make(cast, Status.LIVE, commit_subject=hostile, commit_author=hostile))
    assert hostile not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_without_script_the_last_lines_are_in_the_page(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.LIVE)
    lines = [Line(1, BUILD, f"line {number}") for number in range(1, 301)]
    store.append(release.log.pk, Block.of(1, [*lines, Line(1, BUILD, "<img src=x>")]))
    plain = page_of(owner_client, release).split("<noscript>")[1]
    assert "line 300" in plain
    assert "line 101" not in plain
    assert "&lt;img src=x&gt;" in plain


def test_the_log_downloads_as_text(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.LIVE)
    store.append(release.log.pk, Block.of(1, [Line(0, BUILD, "\x1b[31mred\x1b[0m <b>")]))
    response = owner_client.get(release.get_absolute_url() + "log.txt")
    assert response.content.decode() == "1970-01-01 00:00:00.000Z red <b>\n"
    assert response["Content-Type"].startswith("text/plain")
    assert 'filename="web-release-1.log.txt"' in response["Content-Disposition"]
