"""The engine and the proxy of this installation, as the settings name them."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from releases.engine.base import Engine
from releases.engine.registry import engine_for
from releases.proxy.base import Proxy
from releases.proxy.haproxy.proxy import HAProxy
from releases.proxy.memory import MemoryProxy


def engine() -> Engine:
    return engine_for(settings.ENGINE, settings.INSTALLATION_ID)


@cache
def proxy() -> Proxy:
    if settings.PROXY == "memory":
        return MemoryProxy()
    return HAProxy(
        socket=settings.PROXY_SOCKET,
        directory=settings.PROXY_CONFIG_DIR,
        public_port=settings.PUBLIC_PORT,
        slots=settings.PROXY_SLOTS,
    )
