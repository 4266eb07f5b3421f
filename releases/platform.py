"""The engine and the proxy of this installation, as the settings name them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from releases.engine.base import Engine
from releases.engine.registry import engine_for
from releases.proxy.base import Proxy
from releases.proxy.memory import MemoryProxy
from releases.proxy.registry import open_haproxy


def engine() -> Engine:
    return engine_for(settings.ENGINE, settings.INSTALLATION_ID)


@cache
def proxy() -> Proxy:
    if settings.PROXY == "memory":
        return MemoryProxy()
    return open_haproxy(
        Path(settings.PROXY_SOCKET), Path(settings.PROXY_CONFIG_DIR), settings.PUBLIC_PORT, settings.PROXY_SLOTS
    )
