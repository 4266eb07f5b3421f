"""One container of a release, from its start to its end. One that had to be started again has a row for each time."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

RUNS = Q(removed_at=None)


class Instance(models.Model):
    release = models.ForeignKey("releases.Release", on_delete=models.CASCADE, related_name="instances")
    index = models.PositiveSmallIntegerField(help_text="1 for the first.")
    name = models.CharField(max_length=100, help_text="Unique among those that run.")
    address = models.GenericIPAddressField(null=True, blank=True, help_text="Empty when it ended at once.")
    started_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("release", "index", "started_at")
        constraints = [
            models.UniqueConstraint(fields=("release", "index"), condition=RUNS, name="one_running_instance_per_index"),
            models.UniqueConstraint(fields=("name",), condition=RUNS, name="one_running_instance_of_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
