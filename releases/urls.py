"""Addresses of the pages about releases, and of those that show them."""

from __future__ import annotations

from django.urls import path

from releases.views import (
    abort,
    causes,
    charts,
    console,
    create,
    edit,
    fix,
    log,
    prometheus,
    release,
    releases,
    rollback,
    services,
    settings,
    trigger,
    undo,
    usage,
)

SERVICE = "environments/<slug:code>/services/<slug:name>/"

urlpatterns = [
    path("metrics", prometheus.metrics, name="metrics"),
    path("causes/", causes.causes, name="causes"),
    path("environments/<slug:code>/", services.service_list, name="environment"),
    path("environments/<slug:code>/services/new", create.create, name="service_create"),
    path("environments/<slug:code>/usage/", usage.usage_page, name="usage"),
    path(SERVICE, services.overview, name="service"),
    path(f"{SERVICE}charts", charts.charts, name="service_charts"),
    path(f"{SERVICE}deploy", trigger.trigger, name="trigger_deploy"),
    path(f"{SERVICE}edit", edit.edit_service, name="service_edit"),
    path(f"{SERVICE}console/", console.console, name="console"),
    path(f"{SERVICE}console/log.txt", console.console_text, name="console_text"),
    path(f"{SERVICE}console/search", console.console_search, name="console_search"),
    path(f"{SERVICE}console/lines", console.console_lines, name="console_lines"),
    path(f"{SERVICE}settings/", settings.settings, name="service_settings"),
    path(f"{SERVICE}suspend", settings.suspend, name="service_suspend"),
    path(f"{SERVICE}resume", settings.resume, name="service_resume"),
    path(f"{SERVICE}restart", settings.restart, name="service_restart"),
    path(f"{SERVICE}delete", settings.delete, name="service_delete"),
    path(f"{SERVICE}automatic-deploys", settings.resume_automatic, name="service_automatic_deploys"),
    path(f"{SERVICE}releases/", releases.releases, name="releases"),
    path(f"{SERVICE}releases/<int:number>/", release.release, name="release"),
    path(f"{SERVICE}releases/<int:number>/edit", edit.edit_release, name="release_edit"),
    path(f"{SERVICE}releases/<int:number>/fix", fix.fix_release, name="release_fix"),
    path(f"{SERVICE}releases/<int:number>/abort", abort.abort, name="release_abort"),
    path(f"{SERVICE}releases/<int:number>/undo", undo.undo, name="release_undo"),
    path(f"{SERVICE}releases/<int:number>/rollback", rollback.roll_back, name="release_rollback"),
    path(f"{SERVICE}releases/<int:number>/log.txt", log.release_text, name="release_log"),
    path(f"{SERVICE}releases/<int:number>/log/search", log.release_search, name="release_log_search"),
]
