"""Who did what: kept, and never edited."""

from __future__ import annotations

from django.contrib import admin

from services.admin.readonly import ReadOnly
from services.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly[AuditEvent]):
    list_display = ("at", "actor", "verb", "subject", "text")
    list_filter = ("verb", "at")
    search_fields = ("actor", "verb", "subject", "text")
    list_select_related = ("user",)
    date_hierarchy = "at"
    list_per_page = 50
