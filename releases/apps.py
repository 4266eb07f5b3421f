"""Releases: every attempt to put a service live, and what carries it out."""

from importlib import import_module

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "releases"

    def ready(self) -> None:
        """Every process that may send a task needs the application that knows the broker."""
        import_module("kintohub.celery")
