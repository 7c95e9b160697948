"""Entries, lines, and the way from a line to its source and back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from accounting import services
from accounting.filters import EntryFilter, LineFilter
from accounting.forms import ReversalForm
from accounting.models import JournalEntry
from accounting.rules.words import event_words
from accounting.selectors import ledger
from accounting.tables import EntryTable, LineTable, record_url
from core.boards import Figure
from core.clock import business_date
from core.explain import why_url
from core.forms import form_page
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import Moment, record_page

_NO_ENTRIES = _("No entries yet")
_NO_ENTRIES_HINT = _("Entries follow by themselves from what happens in the other stages.")


@requires("accounting.view")
@require_GET
def entry_list(request: HttpRequest) -> HttpResponse:
    """List journal entries."""
    return list_page(
        request,
        title=_("Journal entries"),
        queryset=ledger.entries(),
        filterset=EntryFilter,
        table=EntryTable,
        export_name="journal-entries",
        empty=Empty(_NO_ENTRIES, _NO_ENTRIES_HINT),
        more=[Act(_("General ledger lines"), reverse("accounting:line_list"), "list-details")],
    )


@requires("accounting.view")
@require_GET
def line_list(request: HttpRequest) -> HttpResponse:
    """List lines of the general ledger."""
    return list_page(
        request,
        title=_("General ledger"),
        queryset=ledger.lines(),
        filterset=LineFilter,
        table=LineTable,
        export_name="general-ledger",
        empty=Empty(_NO_ENTRIES, _NO_ENTRIES_HINT),
        more=[Act(_("Journal entries"), reverse("accounting:entry_list"), "receipt")],
    )


@requires("accounting.view")
@require_GET
def entry_detail(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show an entry: its lines, the event and the fact behind it, the rule that made it."""
    entry = ledger.entry(entry_id)
    event = ledger.event(entry.event_id)
    lines = list(entry.lines.all())
    debit = sum(line.debit_amount for line in lines)
    manual = entry.event_name == "accounting.journals_approved.v1"
    reversals = list(entry.reversals.all())
    return record_page(
        request,
        entry,
        title=entry.rule.label if entry.rule else entry.description,
        number=str(entry.pk),
        place="entry",
        status_field="",
        figures=[
            Figure(_("Amount"), debit, _("won")),
            Figure(_("Ledger lines"), len(lines), kind="count"),
        ],
        facts=_facts(entry),
        timeline=[Moment(entry.posted_at, _("Posted"), entry.idempotency_key, entry.posted_by)],
        more=[Act(_("Reverse"), reverse("accounting:entry_reverse", args=[entry.pk]), "rotate-2")]
        if manual and not reversals and may(request.user, "accounting.post")
        else (),
        crumbs=[(_("Journal entries"), reverse("accounting:entry_list"))],
        template="accounting/entry_detail.html",
        context={
            "lines": [
                {
                    "line": line,
                    "url": record_url(line.reference_id, entry.event_name),
                    "why": why_url("entry_amount", f"{entry.pk}~{line.line_no}"),
                }
                for line in lines
            ],
            "debit": debit,
            "event": event,
            "event_words": event_words(entry.event_name),
            "facts_of_event": {k: v for k, v in ledger.facts_of(entry, event).items() if v},
            "reference_url": record_url(entry.reference_id, entry.event_name),
            "reversals": reversals,
        },
    )


def _facts(entry: JournalEntry) -> list[tuple[Any, Any]]:
    return [
        (_("Date"), entry.entry_date),
        (_("Month"), entry.period_id),
        (_("Reference"), entry.reference_id),
        (_("Rule"), str(entry.rule) if entry.rule else _t("Reversal")),
        (_("Event"), event_words(entry.event_name)),
        (_("Posted by"), name_of(entry.posted_by)),
    ]


@requires("accounting.view")
@require_GET
def event_detail(request: HttpRequest, event_id: UUID) -> HttpResponse:
    """Show an event of money and lead to everything that it posted."""
    event = ledger.event(event_id)
    if event is None:
        raise Http404(str(event_id))
    posted = ledger.posted_by([event_id])
    return render_page(
        request,
        "accounting/event_detail.html",
        {
            "title": event_words(event.name),
            "lead": event.name,
            "event": event,
            "posted": posted,
            "entries": reverse("accounting:entry_list") + f"?event_id={event_id}",
            "crumbs": [(_("Journal entries"), reverse("accounting:entry_list"))],
        },
    )


@requires("accounting.view")
@require_GET
def panel_entries(request: HttpRequest, key: str) -> HttpResponse:
    """Show the latest entries of a record of any stage, with their lines."""
    found = ledger.of_reference(key, limit=30)
    return render_page(
        request,
        "accounting/panel_entries.html",
        {
            "title": _("Entries in the books"),
            "entries": found,
            "all": reverse("accounting:line_list") + f"?q={key}",
            "key": key,
        },
        partial="panel",
    )


@requires("accounting.post")
@require_http_methods(["GET", "POST"])
def entry_reverse(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Ask for the reversal of an entry that was made by hand."""
    back = reverse("accounting:entry_detail", args=[entry_id])
    return form_page(
        request,
        ReversalForm,
        title=_("Reverse entry %(number)s") % {"number": entry_id},
        initial={"entry_date": business_date()},
        act=lambda form: services.journals.draft_reversal(entry_id=entry_id, **form.cleaned_data),
        done=lambda journal: reverse("accounting:journal_detail", args=[journal.pk]),
        submit=_("Ask for the reversal"),
        message=_("A second person posts the reversal."),
        cancel=back,
        crumbs=[(_("Journal entries"), reverse("accounting:entry_list")), (str(entry_id), back)],
    )
