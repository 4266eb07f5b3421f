"""Addresses of the pages about releases, and of those that show them."""

from __future__ import annotations

from django.urls import path

from releases.views import create, release, releases, services, trigger, usage

SERVICE = "environments/<slug:code>/services/<slug:name>/"

urlpatterns = [
    path("environments/<slug:code>/", services.service_list, name="environment"),
    path("environments/<slug:code>/services/new", create.create, name="service_create"),
    path("environments/<slug:code>/usage/", usage.usage_page, name="usage"),
    path(SERVICE, services.overview, name="service"),
    path(f"{SERVICE}deploy", trigger.trigger, name="trigger_deploy"),
    path(f"{SERVICE}releases/", releases.releases, name="releases"),
    path(f"{SERVICE}releases/<int:number>/", release.release, name="release"),
    path(f"{SERVICE}releases/<int:number>/log.txt", release.log_text, name="release_log"),
]
