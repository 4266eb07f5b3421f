"""The one way a release enters a view or a consumer: for this user, or 404 as for a thing that does not exist."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from kintohub.accounts.models import User
from releases.models import Release
from services.access import get_service_for_user
from services.models import Service


def get_release_for_user(user: User, code: str, name: str, number: int, *, may_deploy: bool = False) -> Release:
    """Raises Http404 for strangers, PermissionDenied for a viewer where `may_deploy` is asked for."""
    service = get_service_for_user(user, code, name, may_deploy=may_deploy)
    releases = Release.objects.select_related("service__environment", "region", "requested_by", "artifact")
    return get_object_or_404(releases, service=service, number=number)


def environment_of_release(user: User, release_id: int) -> int | None:
    """The id of the release's environment, of which the user is a member. A missing release is like a stranger's."""
    members = Release.objects.filter(pk=release_id, service__environment__memberships__user=user)
    return members.values_list("service__environment", flat=True).first() if user.is_active else None


def environment_of_service(user: User, service_id: int) -> int | None:
    """As `environment_of_release`."""
    members = Service.objects.present().filter(pk=service_id, environment__memberships__user=user)
    return members.values_list("environment", flat=True).first() if user.is_active else None
