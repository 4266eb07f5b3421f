"""What was typed, given back without being checked: for submits that are steps on the way and not the end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from services.dotenv import MAX_VARIABLES


def typed(form: type[forms.Form], data: QueryDict, prefix: str = "") -> dict[str, Any]:
    """Initial values for the same form. A field that was not sent keeps its own initial value."""
    start = f"{prefix}-" if prefix else ""
    values: dict[str, Any] = {}
    for name, field in form.base_fields.items():
        if isinstance(field, forms.BooleanField):
            values[name] = start + name in data
        elif start + name in data:
            values[name] = data[start + name]
    return values


def typed_rows(data: QueryDict, prefix: str) -> list[dict[str, Any]]:
    """The rows of variables that hold anything and are not marked as removed."""
    total = data.get(f"{prefix}-TOTAL_FORMS", "")
    count = min(int(total), MAX_VARIABLES) if total.isdecimal() and len(total) < 6 else 0
    rows = [_row(data, f"{prefix}-{index}") for index in range(count)]
    return [row for row in rows if row["key"] or row["value"]]


def _row(data: QueryDict, name: str) -> dict[str, Any]:
    if f"{name}-DELETE" in data:
        return {"key": "", "value": ""}
    return {
        "key": data.get(f"{name}-key", ""),
        "value": data.get(f"{name}-value", ""),
        "is_secret": f"{name}-is_secret" in data,
        "at_build": f"{name}-at_build" in data,
        "stored": data.get(f"{name}-stored", ""),
    }
