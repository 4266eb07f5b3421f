"""The page between an action of the admin and its effect, which asks why; the reason is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse

LONGEST = 200


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=LONGEST, strip=True, widget=forms.TextInput(attrs={"size": 80}))


def ask(
    model_admin: admin.ModelAdmin[Any],
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    action: str,
    title: str,
    effect: str,
) -> str | TemplateResponse:
    """The reason, when it was given; else the page that asks for it. `effect` says what will happen, in a sentence."""
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        return str(form.cleaned_data["reason"])
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "effect": effect,
        "form": form,
        "action": action,
        "chosen": queryset,
        "checkbox": ACTION_CHECKBOX_NAME,
        "opts": model_admin.opts,
        "media": model_admin.media,
    }
    return TemplateResponse(request, "admin/reason.html", context)
