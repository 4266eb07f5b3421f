"""Releases: every attempt to put a service live, and what carries it out."""

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "releases"
