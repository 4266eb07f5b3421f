"""Docker on one host, spoken to over its HTTP API."""

from releases.engine.docker.engine import DockerEngine

__all__ = ["DockerEngine"]
