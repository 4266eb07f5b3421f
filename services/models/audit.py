"""Who did what, for operators: kept when the thing itself is gone."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kintohub.accounts.models import User

PLATFORM = "platform"


class AuditEvent(models.Model):
    """`actor` is a user name, or `platform` for what it did by itself; `subject` names the thing."""

    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    actor = models.CharField(max_length=150)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=("verb", "at"))]

    def __str__(self) -> str:
        return f"{self.actor}: {self.verb} {self.subject}"


def record(user: User | None, verb: str, subject: object, text: str = "") -> AuditEvent:
    """Keep what happened. `user` is None for what the platform did by itself."""
    actor = user.get_username() if user else PLATFORM
    return AuditEvent.objects.create(user=user, actor=actor, verb=verb, subject=str(subject)[:200], text=text)
