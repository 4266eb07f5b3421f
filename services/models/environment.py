"""A named place in a region that holds services, and the people who may see or change it."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from kintohub.accounts.models import User
from services.models.region import Region


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    DEVELOPER = "developer", "Developer"
    VIEWER = "viewer", "Viewer"

    @property
    def may_deploy(self) -> bool:
        return self is not Role.VIEWER


def new_code() -> str:
    """Six hexadecimal digits, as every public host name of the environment ends in (original product, 1.3)."""
    return secrets.token_hex(3)


class EnvironmentQuerySet(models.QuerySet["Environment"]):
    def of(self, user: User) -> EnvironmentQuerySet:
        """Those the user is a member of, by name."""
        return self.filter(memberships__user=user).select_related("region").order_by("name")


class Environment(models.Model):
    code = models.CharField(max_length=6, unique=True, default=new_code, editable=False)
    name = models.CharField(max_length=32)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="environments")
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="services.Membership", related_name="environments"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EnvironmentQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.DEVELOPER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("environment", "user"), name="one_membership_per_user")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.environment}"
