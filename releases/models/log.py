"""Log text at rest: one numbered sequence of lines per stream, in compressed chunks. Redis is only the window."""

from __future__ import annotations

from django.db import models


class LogStream(models.Model):
    release = models.OneToOneField("releases.Release", on_delete=models.CASCADE, related_name="log")
    last_seq = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"log of {self.release}"


class LogChunk(models.Model):
    """Lines `first_seq` to `last_seq` of a stream, encoded as in `releases.logs.lines` and compressed with zstd."""

    stream = models.ForeignKey(LogStream, on_delete=models.CASCADE, related_name="chunks")
    first_seq = models.PositiveIntegerField()
    last_seq = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        ordering = ("first_seq",)
        constraints = [models.UniqueConstraint(fields=("stream", "first_seq"), name="one_chunk_per_first_line")]

    def __str__(self) -> str:
        return f"lines {self.first_seq} to {self.last_seq}"
