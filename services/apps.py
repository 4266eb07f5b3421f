"""Services: regions, environments, their members, and what a service should be."""

from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "services"
