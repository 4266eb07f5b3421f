"""The release page: who sees it, what it says in each status, and when it stops renewing itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from releases.logs import store
from releases.logs.lines import BUILD, Block, Line
from releases.models import (
    Artifact,
    LogStream,
    Release,
    Resource,
    ResourceKind,
    Stage,
    StageRun,
    StageStatus,
    Status,
    Trigger,
)
from releases.views.waiting import about, ordinal
from services.models import Region, Service
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
    assert f"1st in region {cast.environment.region}" in page
    assert "It starts within seconds." in page
    assert 'hx-trigger="every 1s"' in page


def test_the_stepper_shows_what_ran_what_runs_and_what_failed(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.DEPLOYING)
    ran(release, Stage.PULL, StageStatus.DONE, 13)
    ran(release, Stage.BUILD, StageStatus.REUSED)
    ran(release, Stage.START, StageStatus.RUNNING)
    page = page_of(owner_client, release, **FRAGMENT)
    assert "<html" not in page
    labels = ["Queued", *Stage.labels]
    positions = [page.index(label, page.index("stepper")) for label in labels]
    assert positions == sorted(positions)
    assert "<small>13s</small>" in page
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
    assert "Nothing of this service serves." in page_of(owner_client, make(cast, Status.FAILED))


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


def past(service: Service, seconds: float) -> None:
    """A release that was live, and took so long with a build."""
    started = timezone.now() - timedelta(hours=1)
    live = started + timedelta(seconds=seconds)
    release = make_release(service, Status.RETIRED, started_at=started, finished_at=live, live_at=live)
    StageRun.objects.create(release=release, stage=Stage.BUILD, status=StageStatus.DONE, started_at=started)


def test_a_queued_release_tells_its_place_and_when_it_usually_starts(cast: Cast, owner_client: Client) -> None:
    region = cast.environment.region
    Region.objects.update(slots=1)
    busy = make_service(cast.environment, "busy")
    past(busy, 100)
    make_release(busy, Status.DEPLOYING, started_at=timezone.now() - timedelta(seconds=10))
    first = make_service(cast.environment, "first")
    past(first, 20)
    make_release(first, Status.QUEUED, queued_at=timezone.now() - timedelta(minutes=9))
    page = page_of(owner_client, make(cast, Status.QUEUED), **FRAGMENT)
    assert f"2nd in region {region}" in page
    assert f"All 1 deploy slots of {region} are busy; 1 release waits ahead." in page
    assert "It usually starts within about 2 min." in page


def test_an_unknown_wait_is_not_made_up(cast: Cast, owner_client: Client) -> None:
    Region.objects.update(slots=1)
    make_release(make_service(cast.environment, "busy"), Status.DEPLOYING)
    page = page_of(owner_client, make(cast, Status.QUEUED))
    assert "this release is next" in page
    assert "usually" not in page


def test_moved_up_says_so_with_the_reason(cast: Cast, owner_client: Client) -> None:
    moved = make(cast, Status.QUEUED, moved_up_at=timezone.now(), moved_up_reason="Shop is <b>down</b>")
    assert "An operator moved it up: Shop is &lt;b&gt;down&lt;/b&gt;" in page_of(owner_client, moved)


def test_the_usual_time_stands_beside_the_elapsed_one(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.DEPLOYING)
    assert "usually takes" not in page_of(owner_client, release)
    past(release.service, 38)
    assert "usually takes about 40 s" in page_of(owner_client, release)


@pytest.mark.parametrize(
    ("status", "abort", "rollback"),
    [
        (Status.QUEUED, True, False),
        (Status.DEPLOYING, True, False),
        (Status.ABORTING, False, False),
        (Status.LIVE, False, False),
        (Status.RETIRED, False, True),
        (Status.FAILED, False, False),
        (Status.ABORTED, False, False),
        (Status.SUPERSEDED, False, False),
        (Status.SUSPENDED, False, False),
    ],
)
def test_what_the_top_right_offers(
    cast: Cast, developer_client: Client, viewer_client: Client, status: Status, abort: bool, rollback: bool
) -> None:
    release = make(cast, status)
    links = {verb: f'href="{release.get_absolute_url()}{verb}"' for verb in ("edit", "abort", "rollback")}
    page = page_of(developer_client, release, **FRAGMENT)
    assert {verb: link in page for verb, link in links.items()} == {"edit": True, "abort": abort, "rollback": rollback}
    seen = page_of(viewer_client, release, **FRAGMENT)
    assert not any(link in seen for link in links.values())
    assert "<form" not in seen


def test_after_the_switch_the_way_back_is_to_the_release_that_was_live_before(
    cast: Cast, owner_client: Client, viewer_client: Client
) -> None:
    service = make_service(cast.environment, "web")
    now = timezone.now()
    before = make_release(service, Status.RETIRED, live_at=now - timedelta(hours=1))
    make_release(service, Status.RETIRED, live_at=now - timedelta(hours=2))
    make_release(service, Status.FAILED)
    live = make_release(service, Status.LIVE)
    page = page_of(owner_client, live)
    assert "Rollback to #1" in page
    assert f'href="{before.get_absolute_url()}rollback"' in page
    assert "Rollback to" not in page_of(viewer_client, live)


def test_a_superseded_release_leads_to_the_one_that_took_its_place(cast: Cast, owner_client: Client) -> None:
    old = make(cast, Status.SUPERSEDED)
    newer = make_release(old.service, Status.QUEUED)
    Release.objects.filter(pk=old.pk).update(superseded_by=newer)
    page = " ".join(page_of(owner_client, old).split())
    assert "Superseded by" in page
    assert "<small>Superseded</small>" in page
    assert f'href="{newer.get_absolute_url()}">#2</a>' in page


@pytest.mark.parametrize(("trigger", "words"), [(Trigger.ROLLBACK, "Rollback to"), (Trigger.EDIT, "Edited from")])
def test_a_release_says_what_it_is_based_on(cast: Cast, owner_client: Client, trigger: Trigger, words: str) -> None:
    base = make(cast, Status.RETIRED)
    made = make_release(base.service, Status.LIVE, trigger=trigger, based_on=base)
    page = page_of(owner_client, made)
    assert words in page
    assert f'href="{base.get_absolute_url()}">#1</a>' in page


def noted(release: Release, kind: ResourceKind, name: str, *, gone: bool = True) -> None:
    Resource.objects.create(release=release, kind=kind, name=name, removed_at=timezone.now() if gone else None)


def receipt_in(page: str) -> str:
    return " ".join(page[page.index('id="receipt"') :].split("</section>")[0].split())


def aborted(cast: Cast, seconds: float = 12, **fields: object) -> Release:
    ended = timezone.now()
    times = {"abort_requested_at": ended - timedelta(seconds=seconds), "finished_at": ended}
    return make(cast, Status.ABORTED, **{**times, **fields})


def test_the_receipt_of_an_abort(cast: Cast, owner_client: Client) -> None:
    live = make_release(make_service(cast.environment, "shop"), Status.LIVE)
    release = aborted(cast, served_meanwhile=live)
    Release.objects.filter(pk=live.pk).update(service=release.service, number=12)
    noted(release, ResourceKind.IMAGE, "kh-image:1")
    noted(release, ResourceKind.INSTANCE, "web-1-1")
    noted(release, ResourceKind.SLOT, "3")
    page = page_of(owner_client, release)
    assert "Aborted, 12s after it was asked for" in page
    assert "Release #12</a> still serves." in page
    receipt = receipt_in(page)
    for words in ("Image", "kh-image:1", "Instance", "web-1-1", "Proxy slot", '<code class="break">3</code>'):
        assert words in receipt
    assert receipt.count("Removed") == 3
    assert "hx-get" not in page


def test_what_still_stands_is_said_and_looked_at_again(cast: Cast, owner_client: Client) -> None:
    release = aborted(cast)
    noted(release, ResourceKind.INSTANCE, "web-1-1", gone=False)
    page = page_of(owner_client, release)
    assert "Not removed yet" in receipt_in(page)
    assert "The platform tries again until it is gone." in receipt_in(page)
    assert "hx-get" in page
    Resource.objects.update(removed_at=timezone.now())
    page = page_of(owner_client, release)
    assert "Not removed yet" not in page
    assert "hx-get" not in page


def test_a_stored_image_is_not_called_removed(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.FAILED)
    noted(release, ResourceKind.IMAGE, "kh-image:1")
    stored = Artifact.objects.create(service=release.service, name="kh-image:1", digest="sha256:1", size=1)
    assert "Kept for reuse" in receipt_in(page_of(owner_client, release))
    Artifact.objects.filter(pk=stored.pk).update(pruned_at=timezone.now())
    assert "Removed" in receipt_in(page_of(owner_client, release))


def test_while_it_aborts_the_receipt_grows(cast: Cast, owner_client: Client) -> None:
    release = make(cast, Status.ABORTING, abort_requested_at=timezone.now())
    noted(release, ResourceKind.INSTANCE, "web-1-1", gone=False)
    page = page_of(owner_client, release)
    assert "Being removed" in receipt_in(page)
    assert 'hx-trigger="every 1s"' in page


def test_an_abort_in_the_queue_had_nothing_to_remove(cast: Cast, owner_client: Client) -> None:
    page = page_of(owner_client, aborted(cast, seconds=0))
    assert "Aborted at once" in page
    assert "there was nothing to remove" in receipt_in(page)
    assert "Nothing of this service serves." in page


def test_who_served_then_and_who_serves_now_are_told_apart(cast: Cast, owner_client: Client) -> None:
    release = aborted(cast)
    before = make_release(release.service, Status.RETIRED)
    now = make_release(release.service, Status.LIVE, live_at=timezone.now() + timedelta(seconds=1))
    Release.objects.filter(pk=release.pk).update(served_meanwhile=before)
    page = page_of(owner_client, release)
    assert "Release #2 served when this one ended." in page
    assert "still serves" not in page
    assert f"release #{now.number}</a> serves." in page


def test_a_release_that_ended_between_two_reads_is_shown_once_more(cast: Cast, owner_client: Client) -> None:
    """An unfinished one renews itself whatever its log says."""
    release = make(cast, Status.ABORTING)
    LogStream.objects.update(closed_at=timezone.now())
    assert 'hx-trigger="every 1s"' in page_of(owner_client, release)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st"), (113, "113th")],
)
def test_ordinals(number: int, words: str) -> None:
    assert ordinal(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0, ""),
        (0.4, "5 s"),
        (38, "40 s"),
        (55, "55 s"),
        (56, "1 min"),
        (61, "2 min"),
        (3300, "55 min"),
        (3301, "1 h"),
        (3700, "1.5 h"),
    ],
)
def test_estimates_are_rounded_up(seconds: float | None, words: str) -> None:
    assert about(None if seconds is None else timedelta(seconds=seconds)) == words
