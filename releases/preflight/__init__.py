"""Looks before a deploy is queued for what would make it fail."""

from releases.preflight.note import Note, Severity
from releases.preflight.run import Asked, Report, preflight

__all__ = ["Asked", "Note", "Report", "Severity", "preflight"]
