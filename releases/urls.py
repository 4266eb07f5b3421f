"""Addresses of the pages about releases, and of those that show them."""

from __future__ import annotations

from django.urls import path

from releases.views import create, services

SERVICE = "environments/<slug:code>/services/<slug:name>/"

urlpatterns = [
    path("environments/<slug:code>/", services.service_list, name="environment"),
    path("environments/<slug:code>/services/new", create.create, name="service_create"),
    path(SERVICE, services.overview, name="service"),
]
