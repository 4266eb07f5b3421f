"""The queue: what waits in which order, why, and for how long; and moving a release up."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from releases import queue
from releases.admin.operating import Operated, full_name, operator
from releases.estimate import wait
from releases.models import Release, Status, WaitingRelease
from services.admin.reason import ask
from services.models import record
from services.templatetags.ui import duration

EFFECT = (
    "They are deployed next in their region, before all that were not moved up. The reason is kept with the release."
)


@admin.register(WaitingRelease)
class WaitingAdmin(Operated[WaitingRelease]):
    list_display = (
        "__str__",
        "environment",
        "region",
        "position",
        "why",
        "starts_in",
        "plan_rank",
        "requested_by",
        "queued_at",
        "moved_up_at",
        "moved_up_reason",
    )
    list_filter = ("region",)
    list_select_related = ("service__environment", "region", "requested_by")
    list_per_page = 25  # each row asks the queue about itself
    search_fields = ("service__name", "service__environment__name")
    exclude = ("frozen_variables", "frozen_credentials")
    actions = ("move_up", "abort")

    def get_queryset(self, request: HttpRequest) -> QuerySet[WaitingRelease]:
        return cast(QuerySet[WaitingRelease], WaitingRelease.objects.in_claim_order())

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("region__name", "rank", "moved_up_at", "queued_at", "pk")

    @admin.display(ordering="service__environment__name")
    def environment(self, release: Release) -> str:
        return release.service.environment.name

    @admin.display(description="place")
    def position(self, release: Release) -> int:
        return queue.position(release)

    @admin.display(description="why it waits")
    def why(self, release: Release) -> str:
        return queue.waits_for(release)

    @admin.display(description="starts in about", empty_value="unknown")
    def starts_in(self, release: Release) -> str | None:
        left: timedelta | None = wait(release)
        return None if left is None else duration(left)

    @admin.action(description="Move up: deploy it next", permissions=["operate"])
    def move_up(self, request: HttpRequest, queryset: QuerySet[WaitingRelease]) -> HttpResponse | None:
        reason = ask(self, request, queryset, action="move_up", title="Move up", effect=EFFECT)
        if isinstance(reason, HttpResponse):
            return reason
        for release in queryset:
            self._move_up(request, release, reason)
        return None

    def _move_up(self, request: HttpRequest, release: Release, reason: str) -> None:
        waiting = Release.objects.filter(pk=release.pk, status=Status.QUEUED)
        if not waiting.update(moved_up_at=timezone.now(), moved_up_reason=reason):
            self.message_user(request, f"{release} does not wait any more.", messages.WARNING)
            return
        record(operator(request), "move up", full_name(release), reason)
        self.message_user(request, f"{release} was moved up in {release.region}.", messages.SUCCESS)
