"""The usage of an environment in a month, as a page and as a table to download."""

from __future__ import annotations

from typing import cast

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from kintohub.accounts.http import AuthenticatedHttpRequest
from releases import usage
from releases.spreadsheet import as_csv
from releases.usage import Line, Month
from services.access import get_environment_for_user
from services.context import environment_page
from services.models import Environment

PAGE = 50
HEAD = (
    "service", "release", "status", "memory_mb", "instance_seconds", "memory_mb_seconds", "overlap_instance_seconds"
)  # fmt: skip


class UsageForm(forms.Form):
    month = forms.RegexField(r"^2[0-9]{3}-(0[1-9]|1[0-2])$", required=False)
    format = forms.ChoiceField(choices=[("csv", "CSV")], required=False)

    def clean_month(self) -> Month:
        """This month when none is asked for; none that is to come."""
        current = Month.now()
        day = parse_date(f"{self.cleaned_data['month']}-01") if self.cleaned_data["month"] else current.first
        if day is None or day > current.first:
            raise forms.ValidationError("There is no usage of that month yet.")
        return Month(day)


@require_GET
def usage_page(request: HttpRequest, code: str) -> HttpResponse:
    environment = get_environment_for_user(cast(AuthenticatedHttpRequest, request).user, code)
    form = UsageForm(request.GET)
    if not form.is_valid():
        raise Http404("There is no such month.")
    month: Month = form.cleaned_data["month"]
    lines = usage.lines(environment, month)
    if form.cleaned_data["format"] == "csv":
        return _download(environment, month, lines)
    context = {
        **environment_page(request, environment),
        "month": month,
        "preceding": month.preceding if month.start > environment.created_at else None,
        "following": month.following if month < Month.now() else None,
        "services": usage.by_service(lines),
        "total": usage.total(lines),
        "page": Paginator(lines, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "releases/usage.html", context)


def _download(environment: Environment, month: Month, lines: list[Line]) -> HttpResponse:
    rows = ((line.service, line.number, line.status.label, line.memory_mb, *_numbers(line)) for line in lines)
    response = HttpResponse(as_csv(HEAD, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="usage-{environment.code}-{month}.csv"'
    return response


def _numbers(line: Line) -> tuple[float, float, float]:
    amount = line.amount
    return round(amount.running.total_seconds(), 3), round(amount.memory, 3), round(amount.overlap.total_seconds(), 3)
