"""What exists and how it should be: regions, environments, members, services."""

from services.models.base_image import Availability, BaseImage
from services.models.environment import Environment, Membership, Role
from services.models.region import Region
from services.models.service import BuildSettings, EnvironmentVariable, Service

__all__ = [
    "Availability",
    "BaseImage",
    "BuildSettings",
    "Environment",
    "EnvironmentVariable",
    "Membership",
    "Region",
    "Role",
    "Service",
]
