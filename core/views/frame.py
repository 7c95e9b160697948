"""The frame's own pages: home, explanation, search, pickers, choices, saved views, health."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from core import explain, pickers
from core.errors import DomainError, NotFound
from core.frame import homes_of
from core.htmx import redirect_to, render_page
from core.models import BusinessClock, SavedView, User
from core.notices import notices_for
from core.permissions import requires, scope_of
from core.search import find
from core.units import COOKIE as UNIT_COOKIE
from core.units import UNITS


class BadView(DomainError):
    """A saved view without a name or without a page."""


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send a person to the home of their first role."""
    homes = homes_of(request.user)
    if not homes:
        return render_page(request, "core/no_role.html", status=403)
    return redirect(homes[0].url)


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


@require_GET
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """Say what waits for the person: for the bell, or as a page."""
    today = BusinessClock.objects.values_list("today", flat=True).first()
    found = notices_for(request.user, today) if today else []
    context = {
        "title": _("Notices"),
        "found": found,
        "waiting": sum(notice.count for notice in found),
    }
    return render_page(request, "core/notices.html", context, partial="bell")


@require_GET
@login_required
def pick(request: HttpRequest, kind: str) -> HttpResponse:
    """Suggest values for a picker: the query is the first parameter, whatever its name."""
    found = pickers.picker(kind)
    if found is None:
        raise Http404(kind)
    right, fn = found
    query = str(next(iter(request.GET.values()), "")).strip()

    def answer(request: HttpRequest) -> HttpResponse:
        choices = list(fn(query, scope_of(request.user, right), 12))
        return render(request, "kit/_options.html", {"choices": choices})

    return requires(right)(answer)(request)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep a person's language, theme or density; unit and a guest's language in a cookie."""
    response = redirect_to(request, _back(request))
    offered = {
        "language": [code for code, _name in settings.LANGUAGES],
        "theme": User.Theme.values,
        "density": User.Density.values,
    }
    chosen = {
        name: request.POST[name]
        for name, values in offered.items()
        if request.POST.get(name) in values
    }
    if chosen and request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(**chosen)
    if (unit := request.POST.get("unit")) in {one.key for one in UNITS}:
        response.set_cookie(
            UNIT_COOKIE,
            str(unit),
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    if language := chosen.get("language"):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response


@require_POST
@login_required
def saved_views(request: HttpRequest) -> HttpResponse:
    """Keep a list's present filters under a name, or forget a view."""
    if forget := request.POST.get("forget"):
        get_object_or_404(SavedView, pk=forget, user_id=request.user.pk).delete()
        return redirect_to(request, _back(request))
    name, page = request.POST.get("name", "").strip(), request.POST.get("page", "")
    if not name or not page:
        raise BadView(_("Give the view a name."))
    SavedView.objects.update_or_create(
        user_id=request.user.pk or 0,
        page=page[:80],
        name=name[:60],
        defaults={"query": request.POST.get("query", "")[:2000]},
    )
    return redirect_to(request, _back(request))


@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Say whether the application and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, {request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"
