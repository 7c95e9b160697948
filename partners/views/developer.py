"""The developers' pages: open to everyone, in Korean and English."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from partners.rules.problems import KINDS, LINE_CODES


@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    """List every problem of the API, and every reason of a bulk line."""
    return render(
        request, "partners/problems.html", {"kinds": KINDS.items(), "lines": LINE_CODES.items()}
    )
