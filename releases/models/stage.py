"""The steps of a release, and how each of them went."""

from __future__ import annotations

from django.db import models


class Stage(models.TextChoices):
    """In the order of the story in the spec, "How Does Deploy Work?"."""

    PULL = "pull", "Pull"
    BUILD = "build", "Build"
    STORE = "store", "Store"
    START = "start", "Start"
    CHECK = "check", "Check"
    SWITCH = "switch", "Switch"
    RETIRE = "retire", "Retire"


class StageStatus(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    REUSED = "reused", "Reused"
    FAILED = "failed", "Failed"
    ABORTED = "aborted", "Aborted"


class StageRun(models.Model):
    NOTE = 120

    release = models.ForeignKey("releases.Release", on_delete=models.CASCADE, related_name="stages")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    status = models.CharField(max_length=10, choices=StageStatus.choices, default=StageStatus.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=NOTE, blank=True, help_text="What it waits for, while it runs.")

    class Meta:
        ordering = ("started_at", "pk")
        constraints = [models.UniqueConstraint(fields=("release", "stage"), name="one_run_per_stage")]

    def __str__(self) -> str:
        return f"{self.stage}: {self.status}"
