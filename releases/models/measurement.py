"""What services used and what their visitors got, over equal spans of time; and what each instance uses now."""

from __future__ import annotations

from django.db import models

from services.models import Service


class Measurement(models.Model):
    """A span of `width` seconds that begins at `at`, a multiple of its width. What nobody measured is null.

    Longer spans are made of shorter ones (`releases.metrics.rolling`): processor averaged, memory at its highest,
    the rest added up.
    """

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="measurements")
    width = models.PositiveSmallIntegerField(help_text="Seconds.")
    at = models.DateTimeField()
    cpu = models.FloatField(null=True, help_text="Cores in use, of all instances.")
    memory_mb = models.FloatField(null=True, help_text="Working set of the fullest instance, in MiB.")
    memory_limit_mb = models.PositiveIntegerField(null=True, help_text="Of one instance, in MiB.")
    restarts = models.PositiveIntegerField(default=0)
    looks = models.PositiveSmallIntegerField(default=0, help_text="Samples of ten seconds whose requests are known.")
    requests = models.PositiveIntegerField(null=True)
    errors = models.PositiveIntegerField(null=True, help_text="Answers that were server errors, or cut off.")
    seconds = models.FloatField(null=True, help_text="Average time until an answer began.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("service", "width", "at"), name="one_measurement_of_a_span"),
        ]
        indexes = [models.Index(fields=("width", "at"))]

    def __str__(self) -> str:
        return f"{self.service} from {self.at:%Y-%m-%d %H:%M:%S} for {self.width} s"


class InstanceUsage(models.Model):
    """The latest look at an instance; the row goes when the instance does."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="instance_usage")
    name = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=12, help_text="As the engine calls it.")
    restarts = models.PositiveIntegerField(default=0, help_text="Since it was made.")
    started_at = models.DateTimeField(help_text="Its last start.")
    cpu = models.FloatField(null=True, help_text="Cores in use.")
    memory_mb = models.FloatField(null=True, help_text="Working set in MiB.")
    memory_limit_mb = models.PositiveIntegerField()
    answering = models.BooleanField(null=True, help_text="Whether it passed the proxy's last check.")
    measured_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "usage of instances"

    def __str__(self) -> str:
        return self.name
