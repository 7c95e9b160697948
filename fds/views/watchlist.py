"""The watch-list, as pages."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.permissions import may, requires
from fds import selectors, services
from fds.filters import WatchFilter
from fds.forms import WatchEndForm, WatchForm
from fds.models import WatchEntry
from fds.tables import WatchTable


def _entry(code: str, start: str) -> WatchEntry:
    try:
        day = date.fromisoformat(start)
    except ValueError as wrong:
        raise Http404(start) from wrong
    found = selectors.watch_entries().filter(provider_id=code, period__startswith=day).first()
    if found is None:
        raise Http404(code)
    return found


@requires("fds.view")
@require_http_methods(["GET"])
def watch_list(request: HttpRequest) -> HttpResponse:
    """List the watched providers, proposals first."""
    new = reverse("fds:watch_new")
    watches = may(request.user, "fds.watch")
    return list_page(
        request,
        title=_("Watch-list"),
        queryset=selectors.watch_entries().select_related("provider"),
        filterset=WatchFilter,
        table=WatchTable,
        export_name="watch-list",
        primary=Act(_("Propose a provider"), new, "plus") if watches else None,
        empty=Empty(
            _("Nobody is watched"),
            _("A claim that names a watched provider scores 30 points."),
            new if watches else "",
            _("Propose a provider") if watches else "",
        ),
    )


@requires("fds.watch")
@require_http_methods(["GET", "POST"])
def watch_new(request: HttpRequest) -> HttpResponse:
    """Propose a provider."""
    today = business_date()
    return form_page(
        request,
        WatchForm,
        title=_("Propose a provider"),
        initial={"start": today, "provider_code": request.GET.get("provider", "")},
        act=lambda form: services.propose_watch(**form.cleaned_data),
        done=reverse("fds:watch_list"),
        submit=_("Propose"),
        message=_("Proposed. A second person agrees."),
        cancel=reverse("fds:watch_list"),
        crumbs=[(_("Watch-list"), reverse("fds:watch_list"))],
    )


@requires("fds.watch")
@require_http_methods(["GET", "POST"])
def watch_detail(request: HttpRequest, code: str, start: str) -> HttpResponse:
    """Show an entry; agree to it, refuse it, or end it."""
    entry = _entry(code, start)
    today = business_date()
    return form_page(
        request,
        WatchEndForm,
        title=f"{entry.provider}",
        initial={"on": today},
        act=lambda form: services.end_watch(entry_id=entry.pk, on=form.cleaned_data["on"]),
        done=reverse("fds:watch_list"),
        submit=_("End the entry") if entry.approved_by else _("Refuse the proposal"),
        message=_("Ended.") if entry.approved_by else _("Refused."),
        danger=True,
        cancel=reverse("fds:watch_list"),
        crumbs=[(_("Watch-list"), reverse("fds:watch_list"))],
        template="fds/watch_detail.html",
        context={
            "entry": entry,
            "agrees": not entry.approved_by and entry.made_by != request.user.get_username(),
        },
    )


@requires("fds.watch")
@require_POST
def watch_approve(request: HttpRequest, code: str, start: str) -> HttpResponse:
    """Agree to a proposed entry."""
    entry = _entry(code, start)
    return act_button(
        request,
        act=lambda: services.approve_watch(entry_id=entry.pk),
        done=reverse("fds:watch_list"),
        message=_("The provider is watched."),
    )
