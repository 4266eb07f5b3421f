"""The one way an object enters a view or a consumer: for this user, or 404 as for a thing that does not exist."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from kintohub.accounts.models import User
from services.models import Environment, Membership, Role, Service


def role_in(user: User, environment: Environment) -> Role | None:
    row = Membership.objects.filter(user=user, environment=environment).first()
    return Role(row.role) if row else None


def get_environment_for_user(user: User, code: str, *, may_deploy: bool = False) -> Environment:
    """Raises Http404 for strangers, PermissionDenied for a viewer where `may_deploy` is asked for."""
    environment = get_object_or_404(Environment.objects.of(user), code=code)
    role = role_in(user, environment)
    if may_deploy and not (role and role.may_deploy):
        raise PermissionDenied(
            "You can look at this environment but not change it. Ask an owner for the developer role."
        )
    return environment


def get_service_for_user(user: User, code: str, name: str, *, may_deploy: bool = False) -> Service:
    """Raises as `get_environment_for_user`."""
    environment = get_environment_for_user(user, code, may_deploy=may_deploy)
    services = Service.objects.present().select_related("environment__region", "build")
    return get_object_or_404(services, environment=environment, name=name)
