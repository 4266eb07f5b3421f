"""What an operator may do to releases from their lists."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from kintohub.accounts.models import User
from releases import actions
from releases.models import Release
from services.admin.readonly import ReadOnly
from services.models import record

R = TypeVar("R", bound=Release)


def operator(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def full_name(release: Release) -> str:
    """With the environment, so that it is still known when the service is gone."""
    return f"{release.service.environment}/{release.service} #{release.number}"


class Operated(ReadOnly[R]):
    """Read only but for its actions, which need the permission to change releases."""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return operator(request) is not None and request.user.has_perm("releases.change_release")

    @admin.action(description="Abort", permissions=["operate"])
    def abort(self, request: HttpRequest, queryset: QuerySet[R]) -> None:
        for release in queryset.select_related("service__environment"):
            try:
                actions.abort(release)
            except actions.TooLate as error:
                self.message_user(request, str(error), messages.WARNING)
                continue
            record(operator(request), "abort", full_name(release), f"By an operator; it was {release.status}.")
            self.message_user(request, f"{release}: {release.get_status_display()}.", messages.SUCCESS)
