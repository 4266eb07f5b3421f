"""Trigger Deploy: who may, and that two presses make one release."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from releases.models import Release, Status, Trigger
from releases.views.trigger import OUT_OF_DATE
from services.models import Service
from tests.conftest import LoggedIn
from tests.factories import Cast, make_service


@pytest.fixture
def service(cast: Cast) -> Service:
    return make_service(cast.environment, "web")


def address(service: Service) -> str:
    return reverse("trigger_deploy", args=[service.environment.code, service.name])


def test_who_may(cast: Cast, service: Service, logged_in: LoggedIn) -> None:
    expected = {cast.owner: 302, cast.developer: 302, cast.viewer: 403, cast.stranger: 404, cast.operator: 404}
    for user, status in expected.items():
        response = logged_in(user).post(address(service), {"request_id": uuid4()})
        assert response.status_code == status, user
    assert Release.objects.count() == 2
    assert Client().post(address(service)).status_code == 302
    assert Release.objects.count() == 2


def test_it_queues_a_release_and_leads_to_its_page(cast: Cast, service: Service, developer_client: Client) -> None:
    response = developer_client.post(address(service), {"request_id": uuid4()})
    release = Release.objects.get()
    assert response["Location"] == release.get_absolute_url()
    assert (release.status, release.trigger, release.requested_by) == (Status.QUEUED, Trigger.TRIGGER, cast.developer)


def test_two_presses_make_one_release(service: Service, owner_client: Client) -> None:
    press = {"request_id": uuid4()}
    first, second = (owner_client.post(address(service), press)["Location"] for _ in range(2))
    assert first == second
    assert Release.objects.count() == 1


@pytest.mark.parametrize("request_id", ["", "x", "\0", "9" * 5000])
def test_a_form_that_was_tampered_with_deploys_nothing(service: Service, owner_client: Client, request_id: str) -> None:
    response = owner_client.post(address(service), {"request_id": request_id}, follow=True)
    assert not Release.objects.exists()
    assert OUT_OF_DATE in response.content.decode()


def test_the_request_of_another_service_deploys_nothing(cast: Cast, service: Service, owner_client: Client) -> None:
    press = {"request_id": uuid4()}
    owner_client.post(address(make_service(cast.environment, "other")), press)
    response = owner_client.post(address(service), press, follow=True)
    assert OUT_OF_DATE in response.content.decode()
    assert not service.releases.exists()


def test_only_by_post(service: Service, owner_client: Client) -> None:
    assert owner_client.get(address(service)).status_code == 405
