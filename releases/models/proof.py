"""What visitors would have met while a release replaced another: the answers of the public address, counted."""

from __future__ import annotations

from datetime import timedelta

from django.db import models


class Proof(models.Model):
    """`slices` are equal spans of time from `started_at` on: [answers of the old, of the new, failed requests]."""

    release = models.OneToOneField("releases.Release", on_delete=models.CASCADE, related_name="proof")
    previous = models.PositiveIntegerField(help_text="Number of the release that served before.")
    started_at = models.DateTimeField()
    switched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    requests = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0, help_text="Requests that no release answered completely.")
    errors = models.PositiveIntegerField(default=0, help_text="Answers of a release with a status of 500 or more.")
    first_new_ms = models.PositiveIntegerField(
        null=True, help_text="From the switch to the new release's first answer."
    )
    longest_gap_ms = models.PositiveIntegerField(default=0, help_text="The longest time without any answer.")
    slice_ms = models.PositiveIntegerField(default=1000)
    slices = models.JSONField(default=list)
    problems = models.JSONField(default=list, help_text="What failed requests met, a few different ones.")

    def __str__(self) -> str:
        return f"proof of {self.release}"

    @property
    def first_new(self) -> timedelta | None:
        return None if self.first_new_ms is None else timedelta(milliseconds=self.first_new_ms)

    @property
    def longest_gap(self) -> timedelta:
        return timedelta(milliseconds=self.longest_gap_ms)
