"""Operators read releases here, and run the queue."""

from releases.admin import parts, releases, waiting

__all__ = ["parts", "releases", "waiting"]
