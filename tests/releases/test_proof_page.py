"""The proof on the release page: a sentence, and a chart that shows failures."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from releases.models import Proof, Release
from releases.views.proof import HEIGHT, LOWEST_FAILURE, proof_of
from tests.factories import Cast, make_release, make_service


def make_proof(release: Release, **fields: Any) -> Proof:
    now = timezone.now()
    made = {
        "previous": 1,
        "started_at": now - timedelta(seconds=3),
        "switched_at": now - timedelta(seconds=2),
        "finished_at": now,
        "requests": 60,
        "first_new_ms": 12,
        "longest_gap_ms": 57,
        "slices": [[20, 0, 0], [3, 17, 0], [0, 20, 0]],
    }
    return Proof.objects.create(release=release, **{**made, **fields})


def page_of(client: Client, release: Release) -> str:
    return " ".join(client.get(release.get_absolute_url()).content.decode().split())


def test_a_switch_without_loss_says_so(cast: Cast, viewer_client: Client) -> None:
    release = make_release(make_service(cast.environment))
    make_proof(release)
    page = page_of(viewer_client, release)
    assert "No request lost" in page
    assert f"60 requests were sent to the public address while traffic moved from #1 to #{release.number}" in page
    assert "none failed. The longest time without an answer was 57 ms." in page
    assert "first answered 12 ms after the switch" in page
    assert page.count("<rect class=") == 4


def test_failed_requests_are_in_the_headline_with_what_they_met(cast: Cast, viewer_client: Client) -> None:
    release = make_release(make_service(cast.environment))
    make_proof(release, failed=2, slices=[[20, 0, 0], [2, 16, 2]], problems=["the connection was refused"])
    page = page_of(viewer_client, release)
    assert "2 of 60 requests failed" in page
    assert "the connection was refused" in page
    assert "No request lost" not in page


def test_a_few_failures_are_high_enough_to_be_seen(cast: Cast) -> None:
    release = make_release(make_service(cast.environment))
    make_proof(release, failed=1, slices=[[0, 1000, 1]])
    shown = proof_of(release)
    assert shown is not None
    failed, new = shown.bars
    assert (failed.kind, failed.height, failed.y) == ("failed", LOWEST_FAILURE, HEIGHT - LOWEST_FAILURE)
    assert new.kind == "new"
    assert 0.9 < shown.switch < 1.1


def test_a_release_without_a_proof_shows_none(cast: Cast, viewer_client: Client) -> None:
    release = make_release(make_service(cast.environment))
    assert 'id="proof"' not in page_of(viewer_client, release)


def test_the_command_line_tells_it_too(cast: Cast) -> None:
    service = make_service(cast.environment)
    make_proof(make_release(service), failed=3)
    said = StringIO()
    call_command("releases", f"{cast.environment.code}/{service.name}", "--json", stdout=said)
    assert json.loads(said.getvalue())[0]["proof"]["failed"] == 3
