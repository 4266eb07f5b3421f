"""Pages that say what went wrong, the health check, and the headers on everything."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory

from kintohub.views import broken
from tests.factories import Cast

FORM = "application/x-www-form-urlencoded"


def test_the_health_check_needs_no_login(db: None) -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.parametrize("address", ["/nothing", "/environments/ffffff/", "/environments/ffffff/services/web/"])
def test_nothing_here_is_a_page_of_ours(cast: Cast, owner_client: Client, address: str) -> None:
    response = owner_client.get(address)
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_viewer_is_told_whom_to_ask(cast: Cast, viewer_client: Client) -> None:
    response = viewer_client.get(f"/environments/{cast.environment.code}/services/new")
    assert response.status_code == 403
    assert "Ask an owner for the developer role" in response.content.decode()


def test_a_form_of_5_megabytes_is_too_large(cast: Cast, owner_client: Client) -> None:
    address = f"/environments/{cast.environment.code}/services/new"
    response = owner_client.post(address, "dotenv=" + "x" * 5_000_000, content_type=FORM)
    assert response.status_code == 413
    assert "That was too large" in response.content.decode()
    assert not cast.environment.services.exists()


def test_a_form_of_2000_fields_is_too_large(cast: Cast, owner_client: Client) -> None:
    address = f"/environments/{cast.environment.code}/services/new"
    response = owner_client.post(address, {f"field{number}": "1" for number in range(2000)})
    assert response.status_code == 413


def test_a_form_without_its_token_is_refused_by_a_page_of_ours(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    response = client.post("/environments/new", {"name": "x"})
    assert response.status_code == 403
    assert "This page was open for too long" in response.content.decode()


def test_the_page_for_our_own_faults_asks_nothing_of_the_database() -> None:
    response = broken(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


def test_every_page_forbids_foreign_and_inline_scripts(cast: Cast, owner_client: Client) -> None:
    policy = owner_client.get("/", follow=True).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy
