"""Addresses of the pages that need no releases."""

from __future__ import annotations

from django.urls import path

from services.views import connect, environments

urlpatterns = [
    path("", environments.home, name="home"),
    path("environments/new", environments.create, name="environment_create"),
    path("environments/<slug:code>/services/connect", connect.connect, name="service_connect"),
]
