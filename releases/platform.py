"""The engine and the proxy of this installation, as the settings name them."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from releases.engine.base import Engine
from releases.engine.registry import engine_for
from releases.proxy.base import Proxy
from releases.proxy.haproxy import HAProxy
from releases.proxy.memory import MemoryProxy


def engine() -> Engine:
    return engine_for(settings.ENGINE, settings.INSTALLATION_ID)


@cache
def proxy() -> Proxy:
    if settings.PROXY == "memory":
        return MemoryProxy()
    return HAProxy(settings.PROXY_SOCKET, settings.PROXY_CONFIG_DIR, settings.PUBLIC_PORT, settings.PROXY_SLOTS)
