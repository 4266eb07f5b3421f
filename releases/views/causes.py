"""The catalogue of causes as a page: made from the entries themselves, so that it says what is looked for today."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releases.diagnosis.catalogue import CATALOGUE, SUBJECTS


@require_GET
def causes(request: HttpRequest) -> HttpResponse:
    return render(request, "releases/causes.html", {"subjects": SUBJECTS, "count": len(CATALOGUE)})
