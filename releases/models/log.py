"""Log text at rest: one numbered sequence of lines per stream, in compressed chunks. Redis is only the window."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

OF_A_RELEASE = Q(release__isnull=False, service__isnull=True)
OF_A_SERVICE = Q(release__isnull=True, service__isnull=False)


class LogStream(models.Model):
    """The log of a release, or the console of a service.

    Of a console, `cursor` tells how far the output of each instance is stored: marks as in `releases.logs.lines`.
    """

    release = models.OneToOneField("releases.Release", on_delete=models.CASCADE, related_name="log", null=True)
    service = models.OneToOneField("services.Service", on_delete=models.CASCADE, related_name="console", null=True)
    last_seq = models.PositiveIntegerField(default=0)
    cursor = models.JSONField(default=dict, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=OF_A_RELEASE | OF_A_SERVICE, name="log_of_one_thing")]

    def __str__(self) -> str:
        return f"log of {self.release}" if self.release else f"console of {self.service}"


class LogChunk(models.Model):
    """Lines `first_seq` to `last_seq` of a stream, encoded as in `releases.logs.lines` and compressed with zstd."""

    stream = models.ForeignKey(LogStream, on_delete=models.CASCADE, related_name="chunks")
    first_seq = models.PositiveIntegerField()
    last_seq = models.PositiveIntegerField()
    body = models.BinaryField()
    stored_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("first_seq",)
        constraints = [models.UniqueConstraint(fields=("stream", "first_seq"), name="one_chunk_per_first_line")]

    def __str__(self) -> str:
        return f"lines {self.first_seq} to {self.last_seq}"
