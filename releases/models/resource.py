"""The ledger: every side effect outside the database, written down before it happens, struck off when it is undone."""

from __future__ import annotations

from django.db import models


class ResourceKind(models.TextChoices):
    IMAGE = "image", "Image"
    INSTANCE = "instance", "Instance"
    SLOT = "slot", "Proxy slot"


class ResourceQuerySet(models.QuerySet["Resource"]):
    def standing(self) -> ResourceQuerySet:
        """Not struck off yet, newest first: the order to undo them in."""
        return self.filter(removed_at=None).order_by("-pk")


class Resource(models.Model):
    release = models.ForeignKey("releases.Release", on_delete=models.CASCADE, related_name="resources")
    kind = models.CharField(max_length=10, choices=ResourceKind.choices)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("release", "kind", "name"), name="one_row_per_resource")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
