"""Operators see and run regions, environments and services here."""

from services.admin import audit, catalogue, region

__all__ = ["audit", "catalogue", "region"]
