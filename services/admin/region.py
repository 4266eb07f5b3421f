"""Regions: their slots, and the gate through which deploys go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse

from kintohub.accounts.models import User
from services.admin.reason import ask
from services.models import Gate, Region, record

VERBS = {Gate.OPEN: "open region", Gate.FROZEN: "freeze region", Gate.DRAINING: "drain region"}
EFFECTS = {
    Gate.FROZEN: "Deploys are accepted and wait; what runs is finished. Everyone whose deploy waits reads the reason.",
    Gate.DRAINING: "New deploys are refused with the reason; those that wait are still carried out.",
}


class RegionForm(forms.ModelForm[Region]):
    class Meta:
        model = Region
        fields = ("name", "slots", "gate", "gate_reason")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("gate") not in (None, Gate.OPEN) and not cleaned.get("gate_reason"):
            self.add_error("gate_reason", "Say why: everyone whose deploy waits or is refused reads it.")
        return cleaned


@admin.register(Region)
class RegionAdmin(admin.ModelAdmin[Region]):
    form = RegionForm
    list_display = ("name", "gate", "gate_reason", "slots", "environment_count", "created_at")
    list_filter = ("gate",)
    search_fields = ("name", "gate_reason")
    actions = ("open_gate", "freeze", "drain")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Region]:
        return super().get_queryset(request).annotate(environment_count=Count("environments"))

    @admin.display(description="environments", ordering="environment_count")
    def environment_count(self, region: Region) -> int:
        return getattr(region, "environment_count", 0)

    def save_model(self, request: HttpRequest, obj: Region, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if {"gate", "gate_reason"} & set(form.changed_data):
            _record(request, obj)

    @admin.action(description="Open: deploys are carried out", permissions=["change"])
    def open_gate(self, request: HttpRequest, queryset: QuerySet[Region]) -> None:
        self._set(request, queryset, Gate.OPEN, "")

    @admin.action(description="Freeze: deploys wait", permissions=["change"])
    def freeze(self, request: HttpRequest, queryset: QuerySet[Region]) -> HttpResponse | None:
        return self._ask_and_set(request, queryset, Gate.FROZEN, "freeze", "Freeze")

    @admin.action(description="Drain: new deploys are refused", permissions=["change"])
    def drain(self, request: HttpRequest, queryset: QuerySet[Region]) -> HttpResponse | None:
        return self._ask_and_set(request, queryset, Gate.DRAINING, "drain", "Drain")

    def _ask_and_set(
        self, request: HttpRequest, queryset: QuerySet[Region], gate: Gate, action: str, title: str
    ) -> HttpResponse | None:
        reason = ask(self, request, queryset, action=action, title=title, effect=EFFECTS[gate])
        if isinstance(reason, HttpResponse):
            return reason
        self._set(request, queryset, gate, reason)
        return None

    def _set(self, request: HttpRequest, queryset: QuerySet[Region], gate: Gate, reason: str) -> None:
        for region in queryset:
            region.gate, region.gate_reason = gate, reason
            region.save(update_fields=["gate", "gate_reason"])
            _record(request, region)
            self.message_user(request, f"{region}: {region.get_gate_display()}.", messages.SUCCESS)


def _record(request: HttpRequest, region: Region) -> None:
    user = request.user if isinstance(request.user, User) else None
    record(user, VERBS[Gate(region.gate)], region, region.gate_reason)
