"""The page of all causes."""

from __future__ import annotations

from django.test import Client

from releases.diagnosis.catalogue import CATALOGUE


def test_every_cause_has_a_place_that_a_card_can_link_to(viewer_client: Client) -> None:
    text = viewer_client.get("/causes/").content.decode()
    for cause in CATALOGUE:
        assert f'id="{cause.code}"' in text
    assert f"the {len(CATALOGUE)} causes" in text


def test_it_asks_for_a_login(anonymous_client: Client) -> None:
    assert anonymous_client.get("/causes/").status_code == 302
