"""A place with its own engine and its own deploy queue."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Gate(models.TextChoices):
    """What a region does with deploys; operators set it."""

    OPEN = "open", "Open"
    FROZEN = "frozen", "Frozen: deploys are accepted and wait"
    DRAINING = "draining", "Draining: no deploys are accepted, those that wait are finished"


class Region(models.Model):
    name = models.CharField(max_length=32, unique=True)
    slots = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text="How many releases may be deployed at the same time.",
    )
    gate = models.CharField(max_length=10, choices=Gate.choices, default=Gate.OPEN)
    gate_reason = models.CharField(
        max_length=200, blank=True, help_text="Shown to everyone whose deploy waits or is refused because of the gate."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
