"""Operators read releases and what belongs to them here. Nothing of a release can be edited, by design."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from releases.models import Artifact, Instance, LogChunk, LogStream, Release, Resource, StageRun

M = TypeVar("M", bound=Model)


class ReadOnly(admin.ModelAdmin[M]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
class ReleaseAdmin(ReadOnly[Release]):
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
    list_filter = ("status", "trigger", "region", "failed_stage")
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


@admin.register(StageRun)
class StageRunAdmin(ReadOnly[StageRun]):
    list_display = ("release", "stage", "status", "started_at", "finished_at")
    list_filter = ("stage", "status")
    list_select_related = ("release__service",)
    search_fields = ("release__service__name",)


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly[Artifact]):
    list_display = ("name", "service", "commit_sha", "size", "created_at", "pruned_at")
    list_filter = ("pruned_at",)
    list_select_related = ("service",)
    search_fields = ("name", "digest", "service__name", "commit_sha")


@admin.register(Instance)
class InstanceAdmin(ReadOnly[Instance]):
    list_display = ("name", "release", "address", "started_at", "removed_at")
    list_filter = ("removed_at",)
    list_select_related = ("release__service",)
    search_fields = ("name", "release__service__name", "address")


@admin.register(Resource)
class ResourceAdmin(ReadOnly[Resource]):
    list_display = ("kind", "name", "release", "created_at", "removed_at")
    list_filter = ("kind", "removed_at")
    list_select_related = ("release__service",)
    search_fields = ("name", "release__service__name")


@admin.register(LogStream)
class LogStreamAdmin(ReadOnly[LogStream]):
    list_display = ("release", "last_seq", "closed_at")
    list_select_related = ("release__service",)
    search_fields = ("release__service__name",)


@admin.register(LogChunk)
class LogChunkAdmin(ReadOnly[LogChunk]):
    list_display = ("stream", "first_seq", "last_seq")
    list_select_related = ("stream__release__service",)
    search_fields = ("stream__release__service__name",)
    exclude = ("body",)
