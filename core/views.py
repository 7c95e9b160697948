"""The frame's own pages: home, explanation, search."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from . import explain
from .errors import NotFound
from .htmx import render_page
from .permissions import requires, roles, roles_of, scope_of
from .search import find


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send a person to the home of their first role."""
    codes = roles_of(request.user)
    if not codes:
        return render_page(request, "core/no_role.html", status=403)
    return redirect(roles()[codes[0]].home)


@require_GET
@login_required
def why(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Explain one computed figure, in the drawer or on its own page."""
    found = explain.explainer(kind)
    if found is None:
        raise Http404(kind)

    def answer(request: HttpRequest) -> HttpResponse:
        try:
            explanation = found.explain(key, scope_of(request.user, found.right))
        except NotFound as missing:
            raise Http404(str(missing)) from missing
        return render_page(
            request, "core/why.html", {"why": explanation, "kind": kind}, partial="drawer"
        )

    return requires(found.right)(answer)(request)


@require_GET
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Search everything that the person may see."""
    query = request.GET.get("q", "")
    context = {"query": query, "hits": find(request.user, query)}
    return render_page(request, "core/search.html", context, partial="hits")
