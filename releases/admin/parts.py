"""What belongs to releases: stages, artifacts, instances, the ledger, logs. To be read only, by design."""

from __future__ import annotations

from django.contrib import admin

from releases.models import Artifact, Diagnosis, Instance, LogChunk, LogStream, Resource, StageRun
from services.admin.readonly import ReadOnly


@admin.register(StageRun)
class StageRunAdmin(ReadOnly[StageRun]):
    list_display = ("release", "stage", "status", "started_at", "finished_at")
    list_filter = ("stage", "status")
    list_select_related = ("release__service",)
    search_fields = ("release__service__name",)


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly[Artifact]):
    list_display = ("name", "service", "commit_sha", "size", "created_at", "is_pinned", "pruned_at")
    list_filter = ("is_pinned", "pruned_at")
    list_select_related = ("service",)
    search_fields = ("name", "digest", "service__name", "commit_sha")


@admin.register(Diagnosis)
class DiagnosisAdmin(ReadOnly[Diagnosis]):
    list_display = ("release", "cause", "confidence", "sentence", "seconds", "created_at")
    list_filter = ("confidence", "cause")
    list_select_related = ("release__service",)
    search_fields = ("release__service__name", "sentence")


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
    list_display = ("__str__", "last_seq", "closed_at")
    list_select_related = ("release__service", "service__environment")
    search_fields = ("release__service__name", "service__name")


@admin.register(LogChunk)
class LogChunkAdmin(ReadOnly[LogChunk]):
    list_display = ("stream", "first_seq", "last_seq")
    list_select_related = ("stream__release__service", "stream__service__environment")
    search_fields = ("stream__release__service__name", "stream__service__name")
    exclude = ("body",)
