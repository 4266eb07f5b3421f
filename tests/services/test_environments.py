"""The way in, and Create Environment."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from services.models import Environment, Region, Role
from tests.conftest import LoggedIn
from tests.factories import Cast, make_environment, make_region, make_user

CREATE = "/environments/new"


def test_home_asks_strangers_to_the_house_to_log_in(db: None, anonymous_client: Client) -> None:
    for address in ("/", CREATE, "/environments/abcdef/"):
        response = anonymous_client.get(address)
        assert response.status_code == 302
        assert response.headers["Location"].startswith(reverse("account_login"))


def test_home_without_an_environment_is_the_page_that_makes_one(cast: Cast, stranger_client: Client) -> None:
    response = stranger_client.get("/", follow=True)
    assert response.redirect_chain == [(CREATE, 302)]
    assert "Welcome to KintoHub" in response.content.decode()


def test_home_is_the_first_environment_and_then_the_last_used_one(cast: Cast, owner_client: Client) -> None:
    other = make_environment(cast.owner, "zebra")
    assert owner_client.get("/").headers["Location"] == reverse("environment", args=[cast.environment.code])
    owner_client.get(reverse("environment", args=[other.code]))
    assert owner_client.get("/").headers["Location"] == reverse("environment", args=[other.code])


def test_a_last_used_environment_one_has_left_is_forgotten(cast: Cast, owner_client: Client) -> None:
    other = make_environment(cast.owner, "zebra")
    owner_client.get(reverse("environment", args=[other.code]))
    other.memberships.all().delete()
    assert owner_client.get("/").headers["Location"] == reverse("environment", args=[cast.environment.code])


def test_create_makes_the_user_its_owner(db: None, logged_in: LoggedIn) -> None:
    region, user = make_region("Helsinki"), make_user()
    response = logged_in(user).post(CREATE, {"name": "production", "region": region.pk})
    environment = Environment.objects.get(name="production")
    assert response.headers["Location"] == reverse("environment", args=[environment.code])
    assert environment.memberships.get().user == user
    assert environment.memberships.get().role == Role.OWNER


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "This field is required"), ("x", "at least 2"), ("x" * 33, "at most 32"), ("x" * 200, "at most 32")],
)
def test_a_bad_name_makes_nothing(db: None, logged_in: LoggedIn, name: str, message: str) -> None:
    region = make_region()
    response = logged_in(make_user()).post(CREATE, {"name": name, "region": region.pk})
    assert response.status_code == 200
    assert message in response.content.decode()
    assert not Environment.objects.exists()


def test_a_region_that_does_not_exist_makes_nothing(db: None, logged_in: LoggedIn) -> None:
    make_region()
    response = logged_in(make_user()).post(CREATE, {"name": "production", "region": 12345})
    assert "Select a valid choice" in response.content.decode()
    assert not Environment.objects.exists()


def test_the_region_is_asked_for_only_when_there_is_a_choice(db: None, logged_in: LoggedIn) -> None:
    client = logged_in(make_user())
    make_region("Helsinki")
    assert "Where its services run" not in client.get(CREATE).content.decode()
    make_region("Oslo")
    assert "Where its services run" in client.get(CREATE).content.decode()


def test_without_a_region_the_page_says_who_makes_one(db: None, logged_in: LoggedIn) -> None:
    assert not Region.objects.exists()
    page = logged_in(make_user()).get(CREATE).content.decode()
    assert "An operator makes the first one" in page


def test_a_name_with_html_is_text(db: None, logged_in: LoggedIn) -> None:
    client, region = logged_in(make_user()), make_region()
    page = client.post(CREATE, {"name": "<b>x</b>&'\"", "region": region.pk}, follow=True).content.decode()
    assert "<b>x" not in page
    assert "&lt;b&gt;x&lt;/b&gt;&amp;&#x27;&quot;" in page


@pytest.mark.parametrize("name", ["staging", "Staging", " staging "])
def test_two_of_my_environments_are_not_called_the_same(cast: Cast, owner_client: Client, name: str) -> None:
    here = cast.environment.region
    response = owner_client.post(CREATE, {"name": name, "region": here.pk})
    assert "You have an environment named" in response.content.decode()
    assert Environment.objects.count() == 1
    elsewhere = make_region("Elsewhere")
    assert owner_client.post(CREATE, {"name": name, "region": elsewhere.pk}).status_code == 302


def test_a_stranger_may_use_the_name_too(cast: Cast, stranger_client: Client) -> None:
    response = stranger_client.post(CREATE, {"name": cast.environment.name, "region": cast.environment.region.pk})
    assert response.status_code == 302
    assert Environment.objects.filter(name=cast.environment.name).count() == 2
