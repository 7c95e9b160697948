"""Catastrophes: events, their claims, and the hours for which treaties would pay most."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.boards import Figure, board_page
from core.clock import business_date
from core.forms import form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page
from products import api as products
from reinsurance import selectors, services
from reinsurance.filters import CatastropheFilter
from reinsurance.forms import EventClaimsForm, EventForm
from reinsurance.models import CatastropheEvent
from reinsurance.tables import CatastropheTable

_EVENTS = _("Catastrophes")


def _listed() -> str:
    return reverse("reinsurance:event_list")


def _detail(code: str) -> str:
    return reverse("reinsurance:event_detail", args=[code])


@requires("reinsurance.view")
@require_GET
def event_list(request: HttpRequest) -> HttpResponse:
    """List catastrophes, with the hours that treaties would pay for."""
    drafts = may(request.user, "reinsurance.draft")
    new = reverse("reinsurance:event_new")
    return list_page(
        request,
        title=_EVENTS,
        queryset=selectors.events(),
        filterset=CatastropheFilter,
        table=CatastropheTable,
        export_name="catastrophes",
        primary=Act(_("Record a catastrophe"), new, "plus") if drafts else None,
        more=[Act(_("Hours to choose"), reverse("reinsurance:event_hours"), "clock")],
        empty=Empty(
            _("No catastrophes yet"),
            _("When one accident or storm causes many claims, record it and count them to it."),
            new if drafts else "",
            _("Record a catastrophe"),
        ),
    )


@requires("reinsurance.view")
@require_GET
def event_hours(request: HttpRequest) -> HttpResponse:
    """Show the hours of the last months for which catastrophe treaties would pay most."""
    today = business_date()
    return board_page(
        request,
        title=_("Hours to choose"),
        as_of=today,
        lead=_(
            "The reinsured chooses when an event begins. Paid losses of the last three months that"
            " belong to no event, cut by the hours clause so that the treaty pays most."
        ),
        crumbs=[(_EVENTS, _listed())],
        template="reinsurance/event_hours.html",
        context={
            "rows": selectors.suggestions(today),
            "names": products.lines(),
            "records": may(request.user, "reinsurance.draft"),
        },
    )


@requires("reinsurance.view")
@require_GET
def event_detail(request: HttpRequest, event_code: str) -> HttpResponse:
    """Show one catastrophe with its claims."""
    row = get_object_or_404(selectors.events(), pk=event_code)
    members = selectors.members(row)
    drafts = may(request.user, "reinsurance.draft")
    return record_page(
        request,
        row,
        title=row.event_name,
        number=row.pk,
        place="catastrophe",
        status_field="",
        figures=[
            Figure(_("Claims"), len(members), kind="count"),
            Figure(_("Paid for losses"), sum(m.paid for m in members), _("won")),
            Figure(_("Case reserves"), sum(m.reserve for m in members), _("won")),
            Figure(_("Recovered from the layer"), sum(m.recovered for m in members), _("won")),
        ],
        facts=[
            (_("Portfolio"), products.lines().get(row.line, row.line)),
            (_("Hours begin"), localtime(row.starts_at)),
            (_("Hours"), row.hours),
            (_("Recorded by"), name_of(row.made_by)),
        ],
        crumbs=[(_EVENTS, _listed())],
        primary=Act(_("Count claims to it"), reverse("reinsurance:event_claims", args=[row.pk]),
                    "plus") if drafts else None,
        template="reinsurance/event_detail.html",
        context={"members": members},
    )  # fmt: skip


@requires("reinsurance.draft")
@require_http_methods(["GET", "POST"])
def event_new(request: HttpRequest) -> HttpResponse:
    """Record a catastrophe."""
    given = {name: request.GET.get(name, "") for name in ("line", "starts_at", "hours")}
    return form_page(
        request,
        EventForm,
        title=_("Record a catastrophe"),
        initial={k: v for k, v in given.items() if v} or {"hours": 72},
        act=lambda form: services.record_event(**form.cleaned_data),
        done=_detail,
        message=_("Recorded. Count claims to it."),
        cancel=_listed(),
        crumbs=[(_EVENTS, _listed())],
    )


@requires("reinsurance.draft")
@require_http_methods(["GET", "POST"])
def event_claims(request: HttpRequest, event_code: str) -> HttpResponse:
    """Count claims within the hours to a catastrophe."""
    row = get_object_or_404(CatastropheEvent, pk=event_code)
    free = selectors.candidates(row)
    return form_page(
        request,
        EventClaimsForm,
        title=_("Count claims to it"),
        form_kwargs={"members": free},
        initial={"claims": [m.claim_number for m in free]},
        act=lambda form: services.add_claims(event_code, form.cleaned_data["claims"]),
        done=_detail(event_code),
        submit=_("Count these claims"),
        message=_("Counted. In the night the treaty's recovery is worked out."),
        cancel=_detail(event_code),
        crumbs=[(_EVENTS, _listed()), (row.pk, _detail(event_code))],
    )
