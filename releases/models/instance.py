"""One running container of a release."""

from __future__ import annotations

from django.db import models


class Instance(models.Model):
    release = models.ForeignKey("releases.Release", on_delete=models.CASCADE, related_name="instances")
    index = models.PositiveSmallIntegerField(help_text="1 for the first.")
    name = models.CharField(max_length=100, unique=True)
    address = models.GenericIPAddressField(null=True, blank=True, help_text="Empty when it ended at once.")
    started_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("release", "index")
        constraints = [models.UniqueConstraint(fields=("release", "index"), name="one_instance_per_index")]

    def __str__(self) -> str:
        return self.name
