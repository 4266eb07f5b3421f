"""Environments, their members, services and base images."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from services.models import BaseImage, BuildSettings, Environment, EnvironmentVariable, Membership, Service


class MembershipInline(admin.TabularInline[Membership, Environment]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Environment)
class EnvironmentAdmin(admin.ModelAdmin[Environment]):
    list_display = ("name", "code", "region", "service_count", "created_at")
    list_filter = ("region",)
    list_select_related = ("region",)
    search_fields = ("name", "code", "members__username")
    readonly_fields = ("code", "created_at")
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Environment]:
        return super().get_queryset(request).annotate(service_count=Count("services", distinct=True))

    @admin.display(description="services", ordering="service_count")
    def service_count(self, environment: Environment) -> int:
        return getattr(environment, "service_count", 0)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    list_display = ("environment", "user", "role", "created_at")
    list_filter = ("role", "environment__region")
    list_select_related = ("environment", "user")
    search_fields = ("environment__name", "environment__code", "user__username", "user__email")
    autocomplete_fields = ("environment", "user")


class BuildSettingsInline(admin.StackedInline[BuildSettings, Service]):
    model = BuildSettings
    can_delete = False


class VariableInline(admin.TabularInline[EnvironmentVariable, Service]):
    """Keys only: values are write-only, for operators too."""

    model = EnvironmentVariable
    fields = ("key", "is_secret", "at_build")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin[Service]):
    """Services are made on the dashboard, where a deploy follows; here an operator looks them up and sets limits."""

    list_display = (
        "name",
        "environment",
        "host",
        "branch",
        "memory_mb",
        "instances",
        "queue_policy",
        "keep_artifacts",
        "automatic_deploys_held",
        "deleting_at",
        "created_by",
        "created_at",
    )
    list_filter = ("environment__region", "build__language", "queue_policy", "automatic_deploys_held")
    list_select_related = ("environment", "created_by")
    search_fields = ("name", "host", "repository_url", "environment__name", "environment__code")
    readonly_fields = (
        "environment",
        "name",
        "host",
        "repository_url",
        "created_by",
        "created_at",
        "last_release_number",
        "deleting_at",
    )
    inlines = (BuildSettingsInline, VariableInline)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Service | None = None) -> bool:
        return False


@admin.register(BuildSettings)
class BuildSettingsAdmin(admin.ModelAdmin[BuildSettings]):
    list_display = ("service", "language", "version", "port", "build_command", "start_command")
    list_filter = ("language",)
    list_select_related = ("service",)
    search_fields = ("service__name", "build_command", "start_command")
    readonly_fields = ("service",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: BuildSettings | None = None) -> bool:
        return False


@admin.register(EnvironmentVariable)
class EnvironmentVariableAdmin(admin.ModelAdmin[EnvironmentVariable]):
    """Keys only."""

    list_display = ("key", "service", "is_secret", "at_build")
    list_filter = ("is_secret", "at_build")
    list_select_related = ("service",)
    search_fields = ("key", "service__name")
    fields = ("service", "key", "is_secret", "at_build")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: EnvironmentVariable | None = None) -> bool:
        return False


@admin.register(BaseImage)
class BaseImageAdmin(admin.ModelAdmin[BaseImage]):
    list_display = ("image", "language", "version", "availability", "reason", "checked_at")
    list_filter = ("availability", "language")
    search_fields = ("image", "reason")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BaseImage | None = None) -> bool:
        return False
