"""What the shell of every page needs."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest

from kintohub.accounts.http import AuthenticatedHttpRequest
from services.access import role_in
from services.models import Environment, Service

LAST_ENVIRONMENT = "environment"


def environments(request: HttpRequest) -> dict[str, Any]:
    """The user's environments for the switcher; asked of the database only by a page that draws it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"environments": Environment.objects.of(user)}


def environment_page(request: HttpRequest, environment: Environment) -> dict[str, Any]:
    """Context of a page within an environment, which becomes the user's last used one."""
    if request.session.get(LAST_ENVIRONMENT) != environment.code:
        request.session[LAST_ENVIRONMENT] = environment.code
    role = role_in(cast(AuthenticatedHttpRequest, request).user, environment)
    return {"environment": environment, "may_deploy": bool(role and role.may_deploy)}


def service_page(request: HttpRequest, service: Service, tab: str) -> dict[str, Any]:
    """Context of `services/_service_header.html`, apart from the releases in it."""
    return {**environment_page(request, service.environment), "service": service, "tab": tab}
