"""The look before a deploy, on the form it was typed in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from releases.preflight import Asked, Severity, preflight
from services.forms.service import ServiceForm

ANYWAY = "anyway"  # the action of the button that passes warnings


def may_deploy(request: HttpRequest, form: ServiceForm, asked: Asked) -> bool:
    """False when the form now says what is wrong, or what somebody has to decide."""
    notes = preflight(asked).notes
    for note in notes:
        match note.severity:
            case Severity.PROBLEM:
                form.reject(note.field, note.sentence)
            case Severity.WARNING:
                form.warn(note.field, note.sentence)
    if any(note.severity is Severity.PROBLEM for note in notes):
        return False
    if form.warnings and request.POST.get("action") != ANYWAY:
        return False
    for note in notes:
        if note.severity is Severity.UNCHECKED:
            messages.info(request, note.sentence)
    return True
