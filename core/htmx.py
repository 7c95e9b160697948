"""One way to answer: the whole page, or only the part that htmx swaps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render the whole page, or only ``template#partial`` when htmx swaps that part."""
    htmx = request.htmx  # type: ignore[attr-defined]
    swap = partial and htmx and not htmx.boosted and not htmx.history_restore_request
    response = render(
        request, f"{template}#{partial}" if swap else template, context, status=status
    )
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


def redirect_to(request: HttpRequest, url: str) -> HttpResponse:
    """Go to ``url`` after a success: 303, or ``HX-Redirect`` for htmx."""
    if request.htmx:  # type: ignore[attr-defined]
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    redirect = HttpResponseRedirect(url)
    redirect.status_code = 303
    return redirect
