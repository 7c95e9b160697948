"""The record page: header, key figures, facts, panels of every stage, timeline, audit.

def thing_detail(request, number):
thing = get_object_or_404(selectors.things(scope_of(request.user, "x.view")), number=number)
return record_page(
request, thing, title=thing.name, number=thing.number, place="thing", key=thing.number,
figures=[Figure(_("Amount"), thing.amount, why=("amount", thing.number))],
facts=[(_("Opened"), thing.opened_on)],
crumbs=[(_("Things"), reverse("things:thing_list"))],
)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .boards import Figure
from .frame import Act
from .htmx import render_page
from .models import AuditRow, StatusMove
from .panels import panels_for
from .permissions import may

Text = str | Promise
_AUDIT_ROWS = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a record.

    Args:
        at: a day or an instant.
        title: what happened, in a few words.
        note: reason, amount, document.
        who: who did it, as ``core.acting`` names them.
        url: where it can be seen.
        recorded: the instant of the write, where ``at`` is a business date.
    """

    at: date | datetime
    title: Text
    note: Text = ""
    who: str = ""
    url: str = ""
    recorded: datetime | None = None

    @property
    def order(self) -> tuple[str, str]:
        """Sort key that takes days and instants, in Korean time."""
        exact = self.recorded or self.at
        exact = localtime(exact) if isinstance(exact, datetime) else exact
        at = localtime(self.at) if isinstance(self.at, datetime) else self.at
        return at.isoformat()[:10], exact.isoformat()

    @property
    def shown(self) -> date | datetime:
        """The business date; the instant where the clock on the wall says the same day."""
        if self.recorded is not None and localtime(self.recorded).date() == self.at:
            return self.recorded
        return self.at


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the record page."""

    key: str
    label: Text
    current: bool


def record_page(
    request: HttpRequest,
    row: Any,
    *,
    title: Text,
    number: str,
    place: str = "",
    key: str = "",
    figures: Sequence[Figure] = (),
    facts: Sequence[tuple[Text, Any]] = (),
    timeline: Iterable[Moment] = (),
    status_field: str = "status",
    primary: Act | None = None,
    more: Sequence[Act] = (),
    crumbs: Sequence[tuple[Text, str]] = (),
    template: str = "kit/record.html",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Answer a record page; ``?tab=history`` and ``?tab=audit`` are its other tabs.

    Args:
        request: GET.
        row: the model instance, whose status moves and audit rows belong to it.
        title: what the record is called.
        number: its business number.
        place: the place whose panels are loaded (``core.panels``).
        key: what the panels' addresses take; by default ``number``.
        figures: key figures.
        facts: (label, value) pairs under the header.
        timeline: further moments; the status moves come by themselves.
        status_field: the status column, or empty.
        primary: the page's one primary action.
        more: what stands under "More".
        crumbs: (label, address) of the pages above.
        template: a template that extends ``kit/record.html``.
        context: more for the template.
    """
    tab = request.GET.get("tab", "")
    audits = may(request.user, "core.audit")
    moments = sorted([*moves_of(row), *timeline], key=lambda m: m.order, reverse=True)
    shown = {
        "title": title,
        "number": number,
        "row": row,
        "status_field": status_field if hasattr(row, status_field) else "",
        "figures": figures,
        "facts": facts,
        "panels": [
            (p.title, p.url(key or number), p.wide) for p in panels_for(place, request.user)
        ],
        "moments": moments,
        "tabs": _tabs(tab, audits=audits),
        "tab": tab,
        "audit": audit_of(row) if tab == "audit" and audits else [],
        "primary": primary,
        "more": more,
        "crumbs": crumbs,
        **(context or {}),
    }
    return render_page(request, template, shown)


def _tabs(current: str, *, audits: bool) -> list[Tab]:
    found = [("", _("Overview")), ("history", _("History"))]
    if audits:
        found.append(("audit", _("Audit")))
    return [Tab(key, label, key == current) for key, label in found]


def moves_of(row: Any) -> list[Moment]:
    """Return a record's status moves as moments, their statuses by label."""
    table, pk = row._meta.db_table, str(row.pk)
    labels = {
        str(value): label
        for field in row._meta.get_fields()
        for value, label in getattr(field, "flatchoices", ())
    }
    return [
        Moment(
            at=move.business_date or move.at,
            recorded=move.at,
            title=_t("%(before)s → %(after)s")
            % {
                "before": labels.get(move.from_status, move.from_status),
                "after": labels.get(move.to_status, move.to_status),
            },
            note=move.reason,
            who=move.actor,
        )
        for move in StatusMove.objects.filter(table_name=table, key=pk)
    ]


def days_of_moves(rows: Sequence[Any], to_status: str) -> dict[Any, date]:
    """Return the business date on which each of the rows of one table moved to a status."""
    if not rows:
        return {}
    moves = StatusMove.objects.filter(
        table_name=rows[0]._meta.db_table, key__in=[str(r.pk) for r in rows], to_status=to_status
    ).values_list("key", "business_date")
    known = {key: day for key, day in moves if day is not None}
    return {row.pk: known[str(row.pk)] for row in rows if str(row.pk) in known}


def audit_of(row: Any) -> list[AuditRow]:
    """Return the latest audit rows of a record, newest first."""
    key = str(row.pk)
    made = Q(operation="INSERT", keys__contains=[key])
    if hasattr(row, "created_at"):  # the same instant: both are of the transaction that made it
        made &= Q(at=row.created_at)
    found = AuditRow.objects.filter(Q(keys__0=key) | made, table_name=row._meta.db_table)
    return list(found.order_by("-at", "-id")[:_AUDIT_ROWS])
