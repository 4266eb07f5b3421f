"""The shortcuts of a failed release: what its card shows, and the press of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases.access import get_release_for_user
from releases.actions import Refused, RequestReused, fix, newer_than
from releases.diagnosis.record import MAX_SHORTCUTS
from releases.diagnosis.shortcut import Shortcut
from releases.models import Diagnosis, Release, Status
from releases.views.press import PressForm
from services.dotenv import MAX_VALUE

OUT_OF_DATE = "That page was out of date, so nothing was deployed. Look at it again."


@dataclass(frozen=True)
class Offer:
    """`index` is the place of the shortcut in its diagnosis: the only thing about it that a browser sends."""

    index: int
    shortcut: Shortcut


@dataclass(frozen=True)
class Card:
    """`offers` are those a person may use now; `newer` is the release that has taken this one's place."""

    diagnosis: Diagnosis
    offers: tuple[Offer, ...]
    newer: Release | None


class FixForm(PressForm):
    index = forms.IntegerField(min_value=0, max_value=MAX_SHORTCUTS - 1)
    value = forms.CharField(required=False, strip=False, max_length=MAX_VALUE)


def card_of(release: Release, may_deploy: bool) -> Card | None:
    """None where the release did not fail, or nobody could diagnose it."""
    diagnosis = Diagnosis.objects.filter(release=release).first() if release.status == Status.FAILED else None
    if diagnosis is None:
        return None
    newer = newer_than(release)
    shortcuts = [Shortcut.from_json(data) for data in diagnosis.shortcuts]
    offers = [Offer(index, one) for index, one in enumerate(shortcuts) if not (newer and one.makes_a_release)]
    return Card(diagnosis, tuple(offers) if may_deploy else (), newer)


@require_POST
@sensitive_post_parameters("value")
def fix_release(request: HttpRequest, code: str, name: str, number: int) -> HttpResponse:
    user = cast(AuthenticatedHttpRequest, request).user
    release = get_release_for_user(user, code, name, number, may_deploy=True)
    form = FixForm(request.POST)
    try:
        if not form.is_valid():
            raise RequestReused
        sent = form.cleaned_data
        return redirect(fix(user, release, sent["index"], sent["value"], sent["request_id"]))
    except RequestReused:
        messages.error(request, OUT_OF_DATE)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(release)
