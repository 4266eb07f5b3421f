"""One immutable attempt to put a service live. Only `transition` changes its status; nothing edits its content."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from kintohub.accounts.models import Plan
from kintohub.encryption import EncryptedJSONField
from releases.models.artifact import Artifact
from releases.models.status import IN_WORK, TRANSITIONS, UNFINISHED, Status, Trigger
from services.models import Region, Service
from services.settings import Credentials, ServiceSettings, Variable

# After this wait a free user's release ranks like a paid one, by age: the stated bound of the queue's unfairness.
AGEING = timedelta(minutes=10)


class WrongStatus(Exception):
    """The release was not in the status the caller believed; nothing was changed."""


class ReleaseQuerySet(models.QuerySet["Release"]):
    def live(self) -> ReleaseQuerySet:
        return self.filter(status=Status.LIVE)

    def in_work(self) -> ReleaseQuerySet:
        return self.filter(status__in=IN_WORK)

    def unfinished(self) -> ReleaseQuerySet:
        return self.filter(status__in=UNFINISHED)

    def waiting(self, region: Region, now: datetime | None = None) -> ReleaseQuerySet:
        """Queued in the region, in the order of claims."""
        return self.filter(region=region).in_claim_order(now)

    def in_claim_order(self, now: datetime | None = None) -> ReleaseQuerySet:
        """What is queued, first come those moved up by an operator, then by plan, with ageing, then by age."""
        aged = (now or timezone.now()) - AGEING
        rank = Case(
            When(moved_up_at__isnull=False, then=Value(-1)),
            When(queued_at__lte=aged, then=Value(0)),
            default=F("plan_rank"),
            output_field=models.IntegerField(),
        )
        return self.filter(status=Status.QUEUED).annotate(rank=rank).order_by("rank", "moved_up_at", "queued_at", "pk")

    def claimable(self, region: Region) -> ReleaseQuerySet:
        """Those of `waiting` whose service has no release in work."""
        busy = self.model.objects.in_work().filter(region=region).values("service")
        return self.waiting(region).exclude(service__in=busy)

    def for_list(self) -> ReleaseQuerySet:
        return self.select_related("service__environment", "requested_by", "artifact", "diagnosis").order_by("-number")


class Release(models.Model):
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="releases")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED, editable=False)
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    # One id per rendered form: a second click on the same button finds the release of the first.
    request_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    plan_rank = models.PositiveSmallIntegerField(default=Plan.FREE.rank, editable=False)

    frozen = models.JSONField(default=dict, editable=False)
    frozen_variables = EncryptedJSONField(default=list, editable=False)
    frozen_credentials = EncryptedJSONField(default=dict, editable=False)

    commit_sha = models.CharField(max_length=40, blank=True, editable=False)
    commit_subject = models.CharField(max_length=200, blank=True, editable=False)
    commit_author = models.CharField(max_length=200, blank=True, editable=False)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, related_name="releases", editable=False)
    slot = models.PositiveIntegerField(null=True, editable=False, help_text="The release's backend in the proxy.")

    counted_from = models.JSONField(null=True, editable=False, help_text="The slot's counters when it got it.")

    based_on = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    superseded_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+", editable=False)
    moved_up_at = models.DateTimeField(null=True, editable=False)
    moved_up_reason = models.CharField(max_length=200, blank=True, editable=False)
    # Who served when it ended without going live: part of the receipt.
    served_meanwhile = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+", editable=False)

    reason = models.TextField(blank=True, editable=False, help_text="Why it failed, in a sentence.")
    failed_stage = models.CharField(max_length=10, blank=True, editable=False)
    abort_requested_at = models.DateTimeField(null=True, editable=False)
    worker = models.CharField(max_length=100, blank=True, editable=False, help_text="Who holds the lease.")
    heartbeat_at = models.DateTimeField(null=True, editable=False)

    # While the release before this one still runs: until when a person may go back, and who has asked for it.
    undo_until = models.DateTimeField(null=True, editable=False)
    undo_requested_at = models.DateTimeField(null=True, editable=False)
    undo_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )
    taken_back_at = models.DateTimeField(null=True, editable=False)

    queued_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    live_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=("region", "status", "queued_at"))]
        constraints = [
            models.UniqueConstraint(fields=("service", "number"), name="release_numbers_are_unique"),
            models.UniqueConstraint(fields=("service",), condition=Q(status__in=IN_WORK), name="one_release_in_work"),
            models.UniqueConstraint(fields=("service",), condition=Q(status=Status.LIVE), name="one_live_release"),
            models.UniqueConstraint(fields=("slot",), name="one_release_per_proxy_slot"),
        ]

    def __str__(self) -> str:
        return f"{self.service.name} #{self.number}"

    def get_absolute_url(self) -> str:
        service = self.service
        return reverse("release", args=[service.environment.code, service.name, self.number])

    @property
    def settings(self) -> ServiceSettings:
        return ServiceSettings.from_json(self.frozen)

    @property
    def variables(self) -> list[Variable]:
        return [Variable(**row) for row in self.frozen_variables]

    @property
    def credentials(self) -> Credentials:
        return Credentials(**self.frozen_credentials)

    @property
    def secrets(self) -> list[str]:
        """What must be in no log."""
        credentials = self.credentials
        values = [row.value for row in self.variables if row.is_secret]
        return [value for value in (*values, credentials.token, credentials.deploy_key) if value]

    @property
    def is_finished(self) -> bool:
        return self.status not in UNFINISHED

    @property
    def short_sha(self) -> str:
        return self.commit_sha[:7]

    @property
    def duration(self) -> timedelta | None:
        """From the claim to the end, or until now while it is in work."""
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at

    def transition(self, expected: Status, to: Status, **fields: Any) -> None:
        """The only writer of `status`. Raises WrongStatus when the release is not `expected` any more."""
        if to not in TRANSITIONS[expected]:
            raise ValueError(f"A release never goes from {expected} to {to}.")
        changed = Release.objects.filter(pk=self.pk, status=expected).update(status=to, **fields)
        if not changed:
            raise WrongStatus(f"{self} is not {expected}.")
        self.status = to
        for name, value in fields.items():
            setattr(self, name, value)
