"""Log in, log out, change the password, and the limits on guessing."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, Cast

LOGIN = "/account/login/"


def log_in(client: Client, login: str, password: str = PASSWORD) -> str:
    response = client.post(LOGIN, {"login": login, "password": password}, follow=True)
    return response.content.decode()


def test_log_in_by_name_and_by_e_mail(cast: Cast) -> None:
    cast.owner.email = "owner@example.com"
    cast.owner.save(update_fields=["email"])
    for login in ("owner", "owner@example.com"):
        client = Client()
        assert "Create Service" in log_in(client, login)
        assert client.get("/").status_code == 302


def test_a_wrong_password_says_so_and_not_which_half_was_wrong(cast: Cast) -> None:
    known = log_in(Client(), "owner", "wrong")
    unknown = log_in(Client(), "nobody", "wrong")
    assert "not correct" in known and "not correct" in unknown


def test_guessing_is_limited(cast: Cast) -> None:
    client = Client()
    pages = [log_in(client, "owner", f"guess {number}") for number in range(7)]
    assert "Too many failed login attempts" in pages[-1]
    assert "Too many failed login attempts" in log_in(Client(), "owner")


def test_the_admin_has_no_login_without_limits(cast: Cast) -> None:
    response = Client().get("/admin/login/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith(LOGIN)


def test_nobody_signs_up(db: None) -> None:
    assert Client().get("/account/signup/").status_code == 404


def test_log_out_asks_on_get_and_does_it_on_post(cast: Cast, owner_client: Client) -> None:
    assert "Log out?" in owner_client.get(reverse("account_logout")).content.decode()
    owner_client.post(reverse("account_logout"))
    assert owner_client.get("/").headers["Location"].startswith(LOGIN)


def test_change_the_password(cast: Cast, owner_client: Client) -> None:
    new = "another horse battery"
    response = owner_client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}, follow=True
    )
    assert response.status_code == 200
    assert "Create Service" in log_in(Client(), "owner", new)


def test_a_wrong_old_password_changes_nothing(cast: Cast, owner_client: Client) -> None:
    data = {"oldpassword": "wrong", "password1": "another horse", "password2": "another horse"}
    page = owner_client.post(reverse("account_change_password"), data).content.decode()
    assert "Please type your current password" in page
    assert "Create Service" in log_in(Client(), "owner")


@pytest.mark.parametrize("name", ["account_reauthenticate", "account_change_password", "account_logout"])
def test_account_pages_open(cast: Cast, owner_client: Client, name: str) -> None:
    assert owner_client.get(reverse(name)).status_code == 200


def test_an_account_without_a_password_sets_one(cast: Cast, owner_client: Client) -> None:
    cast.owner.set_unusable_password()
    cast.owner.save()
    owner_client.force_login(cast.owner)
    response = owner_client.get(reverse("account_change_password"), follow=True)
    assert response.status_code == 200
    assert "Set Password" in response.content.decode()


def test_an_inactive_account_is_told(cast: Cast) -> None:
    cast.owner.is_active = False
    cast.owner.save()
    assert "This account is inactive" in log_in(Client(), "owner")


def test_operators_see_the_admin_link(cast: Cast, owner_client: Client) -> None:
    operator = Client()
    operator.force_login(cast.operator)
    assert 'href="/admin/"' in operator.get("/environments/new").content.decode()
    assert 'href="/admin/"' not in owner_client.get("/environments/new").content.decode()


def test_one_address_has_a_limit_over_all_accounts(db: None) -> None:
    client = Client()
    answers = [client.post(LOGIN, {"login": f"user{number}", "password": ""}) for number in range(31)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()
