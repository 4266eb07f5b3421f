"""The stored image of a successful build."""

from __future__ import annotations

from django.db import models

from services.models import Service


class Artifact(models.Model):
    """`digest` is the image's content; `name` the tag that keeps it; `build_key` the inputs that made it."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="artifacts")
    name = models.CharField(max_length=200, unique=True)
    digest = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    commit_sha = models.CharField(max_length=40)
    build_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    is_pinned = models.BooleanField(default=False, help_text="Never pruned.")
    pruned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=("service", "build_key"))]

    def __str__(self) -> str:
        return self.name
