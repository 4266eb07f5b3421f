"""Why a release failed, as far as the platform can tell."""

from __future__ import annotations

from django.db import models


class Certainty(models.TextChoices):
    HIGH = "high", "Certain"
    MEDIUM = "medium", "Likely"
    GUESS = "guess", "A guess"


class Diagnosis(models.Model):
    """`evidence` is a list of [number, text] of lines of the log, `shortcuts` of `releases.diagnosis.shortcut`s."""

    release = models.OneToOneField("releases.Release", on_delete=models.CASCADE, related_name="diagnosis")
    cause = models.CharField(max_length=40, help_text="The code of an entry of the catalogue.")
    confidence = models.CharField(max_length=10, choices=Certainty.choices)
    sentence = models.CharField(max_length=500)
    evidence = models.JSONField(default=list)
    shortcuts = models.JSONField(default=list)
    seconds = models.FloatField(help_text="From the failure until this was written.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "diagnoses"

    def __str__(self) -> str:
        return f"{self.release}: {self.cause}"
