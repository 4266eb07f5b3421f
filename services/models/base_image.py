"""Which base images the engine can have, as the worker last saw it: the forms offer only those."""

from __future__ import annotations

from django.db import models


class Availability(models.TextChoices):
    PRESENT = "present", "On the engine"
    PULLABLE = "pullable", "In its registry"
    BUILDABLE = "buildable", "Built from Debian packages when first needed"
    UNAVAILABLE = "unavailable", "Not available"

    @property
    def usable(self) -> bool:
        return self is not Availability.UNAVAILABLE


class BaseImage(models.Model):
    language = models.CharField(max_length=20)
    version = models.CharField(max_length=20)
    image = models.CharField(max_length=200)
    availability = models.CharField(max_length=12, choices=Availability.choices)
    reason = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("language", "version")
        constraints = [models.UniqueConstraint(fields=("language", "version"), name="one_base_image_per_version")]

    def __str__(self) -> str:
        return self.image
