"""The WebSockets of releases."""

from __future__ import annotations

from django.urls import path

from releases.consumers import LogConsumer

sockets = [path("ws/releases/<int:release_id>/log", LogConsumer.as_asgi())]
