"""Releases. Nothing of one can be edited, by design; what is unfinished can be aborted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.admin.operating import Operated
from releases.models import Instance, Release, Resource, StageRun


class ReadOnlyInline(admin.TabularInline[Any, Release]):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class StageInline(ReadOnlyInline):
    model = StageRun


class InstanceInline(ReadOnlyInline):
    model = Instance


class ResourceInline(ReadOnlyInline):
    model = Resource


@admin.register(Release)
class ReleaseAdmin(Operated[Release]):
    list_display = (
        "__str__",
        "status",
        "environment",
        "region",
        "trigger",
        "requested_by",
        "short_sha",
        "queued_at",
        "page",
    )
    actions = ("abort",)
    list_filter = ("status", "trigger", "region", "failed_stage", "queued_at")
    list_select_related = ("service__environment", "region", "requested_by")
    search_fields = ("service__name", "service__environment__name", "commit_sha", "commit_subject", "reason", "worker")
    date_hierarchy = "queued_at"
    exclude = ("frozen_variables", "frozen_credentials")
    inlines = (StageInline, InstanceInline, ResourceInline)

    @admin.display(ordering="service__environment__name")
    def environment(self, release: Release) -> str:
        return release.service.environment.name

    @admin.display(description="dashboard")
    def page(self, release: Release) -> SafeString:
        return format_html('<a href="{}">open</a>', release.get_absolute_url())
