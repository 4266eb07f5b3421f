"""Abort: the question on a page of its own, for browsers without scripts, and the deed."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases import actions
from releases.access import get_release_for_user
from releases.views.offers import ABORTABLE
from services.context import service_page


@require_http_methods(["GET", "POST"])
def abort(request: HttpRequest, code: str, name: str, number: int) -> HttpResponse:
    """A second press finds the release aborting or aborted, which is what it asks for."""
    user = cast(AuthenticatedHttpRequest, request).user
    release = get_release_for_user(user, code, name, number, may_deploy=True)
    if request.method == "GET" and release.status in ABORTABLE:
        context = {**service_page(request, release.service, "releases"), "release": release}
        return render(request, "releases/release_abort.html", context)
    if request.method == "POST":
        try:
            actions.abort(release)
        except actions.TooLate as refused:
            messages.error(request, str(refused))
    return redirect(release)
