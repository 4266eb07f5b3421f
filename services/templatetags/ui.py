"""What templates draw with: icons, times, durations. Built into every template, nothing to load."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from services import icons
from services.languages import get

register = template.Library()

_TONES = {"live": "ok", "retired": "ok", "queued": "work", "deploying": "work", "failed": "bad", "aborting": "warn"}

_UNITS = ((31_536_000, "year"), (2_592_000, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


@lru_cache(maxsize=512)
def _svg(name: str, size: int, classes: str, label: str) -> SafeString:
    described = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    sized = {"width": str(size), "height": str(size), "class": classes or "icon-svg", "stroke-width": "1.8"}
    return mark_safe(icons.draw(name, sized | described))  # noqa: S308 - the package's own drawing; the attributes come from our templates


@register.simple_tag
def icon(name: str, size: int = 18, classes: str = "", label: str = "") -> SafeString:
    """A Lucide icon inline. Without a label it is decoration and hidden from screen readers."""
    return _svg(name, size, classes, label)


@register.filter
def ago(value: datetime) -> str:
    """`4 minutes ago`, as the script of the page words it too."""
    age = int((timezone.now() - value).total_seconds())
    if age < 45:
        return "just now"
    size, unit = next(((size, unit) for size, unit in _UNITS if age >= size), (60, "minute"))
    number = max(1, round(age / size))
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


@register.simple_tag
def when(value: datetime | None) -> SafeString:
    """A relative time with the exact one on hover; the page's script keeps it true in the browser's zone."""
    if value is None:
        return SafeString("")
    exact = value.astimezone(UTC)
    title = exact.strftime("%Y-%m-%d %H:%M:%S UTC")
    return format_html('<time datetime="{}" title="{}" data-when>{}</time>', exact.isoformat(), title, ago(value))


@register.simple_tag
def since(value: datetime) -> SafeString:
    """A running duration: the seconds since `value`, counted on by the page's script."""
    length = duration(timezone.now() - value)
    return format_html('<time datetime="{}" data-since>{}</time>', value.astimezone(UTC).isoformat(), length)


@register.filter
def duration(value: timedelta | None) -> str:
    """`0.4s`, `12s`, `3m 5s`, `1h 2m`."""
    if value is None:
        return ""
    if value < timedelta(seconds=1):
        return f"{max(0.0, value.total_seconds()):.1f}s"
    seconds = max(0, int(value.total_seconds()))
    if seconds < 60:
        return f"{seconds}s"
    if seconds < 3600:
        return f"{seconds // 60}m {seconds % 60}s"
    return f"{seconds // 3600}h {seconds % 3600 // 60}m"


@register.filter
def mebibytes(value: int) -> str:
    """`256 MB`, `1.5 GB`: MiB in the words of the forms."""
    return f"{value} MB" if value < 1024 else f"{value / 1024:g} GB"


@register.filter
def autofocused(field: BoundField) -> SafeString:
    """The control, focused when the page opens."""
    return field.as_widget(attrs={"autofocus": True})


@register.filter
def tone(status: str) -> str:
    """The colour class of a release's status in the strip, where a word has no place. `_status.html` draws the rest."""
    return _TONES.get(status, "calm")


@register.filter
def language_label(key: str) -> str:
    return get(key).label


@register.filter
def language_icon(key: str) -> str:
    return {"dockerfile": "container", "static": "panels-top-left"}.get(key, "box")
