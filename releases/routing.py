"""The WebSockets of logs."""

from __future__ import annotations

from django.urls import path

from releases.consumers import ConsoleConsumer, LogConsumer

sockets = [
    path("ws/releases/<int:id>/log", LogConsumer.as_asgi()),
    path("ws/services/<int:id>/console", ConsoleConsumer.as_asgi()),
]
