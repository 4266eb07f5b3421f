"""One deployable thing and its desired settings. A deploy freezes a copy of them into a release."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from kintohub.encryption import EncryptedJSONField
from services.models.environment import Environment
from services.settings import Credentials, ServiceSettings, Variable
from services.statuses import ANY_SUCCESS


class QueuePolicy(models.TextChoices):
    """What a new release does to older ones of the service that still wait."""

    NEWEST = "newest", "Newest only: a new release replaces those that wait"
    ALL = "all", "Run all, one after the other"


class ServiceQuerySet(models.QuerySet["Service"]):
    def present(self) -> ServiceQuerySet:
        """Without those that are being deleted."""
        return self.filter(deleting_at=None)


class Service(models.Model):
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="services")
    name = models.CharField(max_length=48)
    host = models.CharField(max_length=253, unique=True, editable=False)
    repository_url = models.CharField(max_length=500)
    branch = models.CharField(max_length=255)
    credentials = EncryptedJSONField(default=dict, editable=False)
    memory_mb = models.PositiveIntegerField(default=256)
    cpu = models.DecimalField(max_digits=3, decimal_places=1, default=1)
    instances = models.PositiveSmallIntegerField(default=1)
    health_path = models.CharField(max_length=200, blank=True)
    health_status = models.CharField(max_length=60, default=ANY_SUCCESS)
    deploy_timeout = models.PositiveIntegerField(default=60, help_text="Seconds the new instances have to answer.")
    start_grace = models.PositiveSmallIntegerField(default=0, help_text="Seconds before the timeout begins.")
    settle_count = models.PositiveSmallIntegerField(default=3, help_text="Successes in a row an instance needs.")
    drain_seconds = models.PositiveSmallIntegerField(
        default=30, help_text="Seconds that requests to a replaced release may go on."
    )
    undo_window = models.PositiveSmallIntegerField(
        default=60, help_text="Seconds that a replaced release stays ready to serve again."
    )
    queue_policy = models.CharField(max_length=10, choices=QueuePolicy.choices, default=QueuePolicy.NEWEST)
    keep_artifacts = models.PositiveSmallIntegerField(
        default=10, help_text="Artifacts to keep for rollbacks, besides the live and the pinned ones."
    )
    automatic_deploys_held = models.BooleanField(
        default=False, help_text="Set by a rollback, so that the next push does not undo it."
    )
    deleting_at = models.DateTimeField(null=True, editable=False)
    last_release_number = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    build: BuildSettings

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("environment", "name"), name="one_service_of_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The public address, with the port where it is not the scheme's own."""
        port = "" if settings.PUBLIC_PORT == 80 else f":{settings.PUBLIC_PORT}"
        return f"http://{self.host}{port}/"

    def frozen_settings(self) -> ServiceSettings:
        build = self.build
        return ServiceSettings(
            repository_url=self.repository_url,
            branch=self.branch,
            subfolder=build.subfolder,
            language=build.language,
            version=build.version,
            dockerfile=build.dockerfile,
            build_command=build.build_command,
            start_command=build.start_command,
            port=build.port,
            memory_mb=self.memory_mb,
            cpu=float(self.cpu),
            instances=self.instances,
            health_path=self.health_path,
            health_status=self.health_status,
            deploy_timeout=self.deploy_timeout,
            start_grace=self.start_grace,
            settle_count=self.settle_count,
            drain_seconds=self.drain_seconds,
            undo_window=self.undo_window,
        )

    def frozen_variables(self) -> list[Variable]:
        return [Variable(row.key, row.value, row.is_secret, row.at_build) for row in self.variables.all()]

    def frozen_credentials(self) -> Credentials:
        return Credentials(**self.credentials)


class BuildSettings(models.Model):
    """How the service is built and run."""

    service = models.OneToOneField(Service, on_delete=models.CASCADE, related_name="build")
    language = models.CharField(max_length=20)
    version = models.CharField(max_length=20, blank=True)
    dockerfile = models.CharField(max_length=200, blank=True)
    build_command = models.CharField(max_length=1024, blank=True)
    start_command = models.CharField(max_length=1024, blank=True)
    subfolder = models.CharField(max_length=200, default=".")
    port = models.PositiveIntegerField(default=3000)

    class Meta:
        verbose_name_plural = "build settings"

    def __str__(self) -> str:
        return f"{self.language} {self.version}".strip()


class EnvironmentVariable(models.Model):
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="variables")
    key = models.CharField(max_length=128)
    value = EncryptedJSONField(editable=False)
    is_secret = models.BooleanField(default=True)
    at_build = models.BooleanField(default=False, help_text="The commands of the build have it too.")

    class Meta:
        ordering = ("key",)
        constraints = [models.UniqueConstraint(fields=("service", "key"), name="one_variable_of_a_key")]

    def __str__(self) -> str:
        return self.key
