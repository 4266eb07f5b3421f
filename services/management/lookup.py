"""Finds what a command's `ENV/SERVICE` argument names."""

from __future__ import annotations

from django.core.management.base import CommandError
from django.db.models import Q

from services.models import Service


def find_service(argument: str) -> Service:
    """`ENV` is an environment's name or code. Raises CommandError with what to type instead."""
    environment, slash, name = argument.partition("/")
    if not slash:
        raise CommandError(f"Name the service as ENV/SERVICE, such as production/{argument}.")
    wanted = Q(environment__name=environment) | Q(environment__code=environment)
    found = list(Service.objects.select_related("environment__region", "build").filter(wanted, name=name)[:10])
    if not found:
        raise CommandError(f"There is no service “{name}” in an environment “{environment}”.")
    if len(found) > 1:
        codes = ", ".join(f"{service.environment.code}/{name}" for service in found)
        raise CommandError(f"Several environments are called “{environment}”. Use the code: {codes}.")
    return found[0]
