"""Who may reach an environment and its services."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from services.access import get_environment_for_user, get_service_for_user
from services.models import Role
from tests.factories import Cast, add_member, make_environment, make_service, make_user


def test_members_reach_the_environment(cast: Cast) -> None:
    for member in cast.members:
        assert get_environment_for_user(member, cast.environment.code) == cast.environment


def test_strangers_and_operators_who_are_no_members_get_404(cast: Cast) -> None:
    for outsider in (cast.stranger, cast.operator):
        with pytest.raises(Http404):
            get_environment_for_user(outsider, cast.environment.code)


def test_a_viewer_may_look_but_not_deploy(cast: Cast) -> None:
    service = make_service(cast.environment)
    assert get_service_for_user(cast.viewer, cast.environment.code, service.name) == service
    with pytest.raises(PermissionDenied, match="developer role"):
        get_service_for_user(cast.viewer, cast.environment.code, service.name, may_deploy=True)


def test_a_stranger_gets_404_even_where_deploying_is_asked_for(cast: Cast) -> None:
    with pytest.raises(Http404):
        get_environment_for_user(cast.stranger, cast.environment.code, may_deploy=True)


def test_a_service_is_found_in_its_own_environment_only(cast: Cast) -> None:
    elsewhere = make_environment(cast.owner, "production")
    service = make_service(elsewhere)
    with pytest.raises(Http404):
        get_service_for_user(cast.owner, cast.environment.code, service.name)


def test_the_role_of_one_environment_says_nothing_about_another(cast: Cast) -> None:
    mine = make_user()
    other = make_environment(mine, "other")
    add_member(cast.environment, mine, Role.VIEWER)
    assert get_environment_for_user(mine, other.code, may_deploy=True) == other
    with pytest.raises(PermissionDenied):
        get_environment_for_user(mine, cast.environment.code, may_deploy=True)
