"""Compares database, engine and proxy, and repairs what differs."""

from releases.alone import Busy
from releases.reconcile.finding import Finding, Outcome
from releases.reconcile.restart import Watch
from releases.reconcile.run import reconcile

__all__ = ["Busy", "Finding", "Outcome", "Watch", "reconcile"]
