"""The queue as operators see it: the same rows, on a page of their own."""

from __future__ import annotations

from releases.models.release import Release


class WaitingRelease(Release):
    class Meta:
        proxy = True
        verbose_name = "waiting release"
