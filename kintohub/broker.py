"""How messages travel: the same for those who send and those who take them."""

from __future__ import annotations

TRANSPORT = {"socket_connect_timeout": 2, "socket_timeout": 10, "health_check_interval": 10}


def queue_of(installation: str) -> str:
    """Installations that share a Redis server do not take each other's messages."""
    return f"kintohub-{installation}"
