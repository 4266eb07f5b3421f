"""The means of the machine that this process runs on, with the operator's settings."""

from __future__ import annotations

import os
from functools import cache

from django.conf import settings

from releases.baseimages.ensure import Means
from releases.baseimages.host import read_host


@cache
def means() -> Means:
    """Read once per process: certificates, mirror and proxies change with a restart."""
    return Means(read_host(os.environ, fallback_mirror=settings.DEBIAN_MIRROR))
