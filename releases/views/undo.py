"""Undo: back to the release before, while it still runs."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases import actions
from releases.access import get_release_for_user


@require_POST
def undo(request: HttpRequest, code: str, name: str, number: int) -> HttpResponse:
    user = cast(AuthenticatedHttpRequest, request).user
    release = get_release_for_user(user, code, name, number, may_deploy=True)
    try:
        actions.undo(user, release)
    except actions.TooLate as refused:
        messages.error(request, str(refused))
    return redirect(release)
