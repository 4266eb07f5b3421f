"""What pages say about downtime before a deploy."""

from __future__ import annotations

from dataclasses import dataclass

from releases import platform
from releases.downtime import Downtime, Size, expect
from releases.engine.base import EngineError
from services.forms.advanced import AdvancedForm
from services.models import Service


@dataclass(frozen=True)
class TypedSize:
    instances: int
    memory_mb: int


def downtime_of(service: Service | None, size: Size) -> Downtime | None:
    """None when the engine does not answer: a page is no place to fail for that, and the deploy's log tells it."""
    try:
        return expect(service, size, platform.engine())
    except EngineError:
        return None


def downtime_of_first(form: AdvancedForm) -> Downtime | None:
    """Of a service that does not exist yet, from what the form holds; None while that cannot be used."""
    shown = AdvancedForm({field.name: field.value() for field in form})
    shown.is_valid()
    instances, memory_mb = (shown.cleaned_data.get(name) for name in ("instances", "memory_mb"))
    return downtime_of(None, TypedSize(instances, memory_mb)) if instances and memory_mb else None
