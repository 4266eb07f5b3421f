"""Trigger Deploy."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.actions import RequestReused, trigger_deploy
from services.access import get_service_for_user

OUT_OF_DATE = "That page was out of date, so nothing was deployed. Press Trigger Deploy again."


class TriggerForm(forms.Form):
    """`request_id` was made with the page: a second press of its button finds the release of the first."""

    request_id = forms.UUIDField()


@require_POST
def trigger(request: HttpRequest, code: str, name: str) -> HttpResponse:
    user = cast(AuthenticatedHttpRequest, request).user
    service = get_service_for_user(user, code, name, may_deploy=True)
    form = TriggerForm(request.POST)
    try:
        if form.is_valid():
            return redirect(trigger_deploy(user, service, form.cleaned_data["request_id"]))
    except RequestReused:
        pass
    messages.error(request, OUT_OF_DATE)
    return redirect("releases", code, name)
