"""What exists and how it should be: regions, environments, members, services."""

from services.models.audit import AuditEvent, record
from services.models.base_image import Availability, BaseImage
from services.models.environment import Environment, Membership, Role
from services.models.region import Gate, Region
from services.models.service import BuildSettings, EnvironmentVariable, QueuePolicy, Service

__all__ = [
    "AuditEvent",
    "Availability",
    "BaseImage",
    "BuildSettings",
    "Environment",
    "EnvironmentVariable",
    "Gate",
    "Membership",
    "QueuePolicy",
    "Region",
    "Role",
    "Service",
    "record",
]
