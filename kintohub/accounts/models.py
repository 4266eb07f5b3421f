"""The user, with the plan that decides the place in the deploy queue."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Plan(models.TextChoices):
    FREE = "free", "free"
    PAY_AS_YOU_GO = "pay-as-you-go", "pay-as-you-go"

    @property
    def rank(self) -> int:
        """Lower goes first: `pay-as-you-go` users have priority over `free` users (spec, Deploy, tip)."""
        return 0 if self is Plan.PAY_AS_YOU_GO else 1


class User(AbstractUser):
    """`is_staff` users are operators: they see the admin."""

    plan = models.CharField(max_length=20, choices=Plan.choices, default=Plan.FREE)
