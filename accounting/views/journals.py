"""Manual journals: asked for by one person, posted by a second."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from accounting import services
from accounting.filters import JournalFilter
from accounting.forms import CommentForm, ConfirmForm, JournalForm
from accounting.models import Account, ManualJournal
from accounting.tables import JournalTable
from core.boards import Figure
from core.clock import business_date
from core.forms import form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page


@requires("accounting.view")
@require_GET
def journal_list(request: HttpRequest) -> HttpResponse:
    """List manual journals."""
    new = reverse("accounting:journal_new")
    posts = may(request.user, "accounting.post")
    return list_page(
        request,
        title=_("Manual journals"),
        queryset=ManualJournal.objects.order_by("-journal_no"),
        filterset=JournalFilter,
        table=JournalTable,
        export_name="manual-journals",
        primary=Act(_("New journal"), new, "plus") if posts else None,
        empty=Empty(
            _("No manual journals yet"),
            _("Most entries follow from events; what does not is asked for here."),
            new if posts else "",
            _("New journal"),
        ),
    )


@requires("accounting.view")
@require_GET
def journal_detail(request: HttpRequest, number: str) -> HttpResponse:
    """Show a manual journal and, to its second person, the decision."""
    journal = get_object_or_404(ManualJournal.objects.select_related("reverses"), pk=number)
    codes = {line[side] for line in journal.lines for side in ("debit", "credit")}
    accounts = Account.objects.in_bulk(codes)
    waits = journal.status == ManualJournal.Status.DRAFT and may(request.user, "accounting.post")
    mine = journal.made_by == request.user.get_username()
    approve = reverse("accounting:journal_approve", args=[number])
    back = reverse("accounting:journal_send_back", args=[number])
    return record_page(
        request,
        journal,
        title=journal.description,
        number=number,
        figures=[
            Figure(_("Amount"), sum(line["amount"] for line in journal.lines), _("won")),
        ],
        facts=[
            (_("Date"), journal.entry_date),
            (_("Made by"), name_of(journal.made_by)),
            (_("Decided by"), name_of(journal.checked_by) or "–"),
            (_("Comment"), journal.comment),
        ],
        primary=Act(_("Post"), approve, "check") if waits and not mine else None,
        more=[Act(_("Send back"), back, "arrow-back")] if waits else (),
        crumbs=[(_("Manual journals"), reverse("accounting:journal_list"))],
        template="accounting/journal_detail.html",
        context={
            "journal": journal,
            "lines": [
                {**line, "debit": accounts[line["debit"]], "credit": accounts[line["credit"]]}
                for line in journal.lines
            ],
            "mine": mine and waits,
            "entries": reverse("accounting:entry_list") + f"?q={number}",
        },
    )


@requires("accounting.post")
@require_http_methods(["GET", "POST"])
def journal_new(request: HttpRequest) -> HttpResponse:
    """Ask for a manual journal."""
    listed = reverse("accounting:journal_list")
    return form_page(
        request,
        JournalForm,
        title=_("New journal"),
        initial={"entry_date": business_date()},
        act=lambda form: services.journals.draft(
            entry_date=form.cleaned_data["entry_date"],
            description=form.cleaned_data["description"],
            rows=form.rows,
        ),
        done=lambda journal: reverse("accounting:journal_detail", args=[journal.pk]),
        submit=_("Ask a second person to post it"),
        message=_("A second person posts the journal."),
        cancel=listed,
        crumbs=[(_("Manual journals"), listed)],
        template="accounting/journal_new.html",
    )


@requires("accounting.post")
@require_http_methods(["GET", "POST"])
def journal_approve(request: HttpRequest, number: str) -> HttpResponse:
    """Post a manual journal that another person asked for."""
    journal = get_object_or_404(ManualJournal, pk=number)
    back = reverse("accounting:journal_detail", args=[number])
    return form_page(
        request,
        ConfirmForm,
        title=_("Post %(number)s") % {"number": number},
        act=lambda _form: services.journals.approve(number),
        done=back,
        confirm=True,
        submit=_("Post"),
        message=_("Posted."),
        cancel=back,
        crumbs=[
            (_("Manual journals"), reverse("accounting:journal_list")),
            (journal.description, back),
        ],
    )


@requires("accounting.post")
@require_http_methods(["GET", "POST"])
def journal_send_back(request: HttpRequest, number: str) -> HttpResponse:
    """Send a manual journal back; nothing is posted."""
    back = reverse("accounting:journal_detail", args=[number])
    return form_page(
        request,
        CommentForm,
        title=_("Send back %(number)s") % {"number": number},
        act=lambda form: services.journals.send_back(number, **form.cleaned_data),
        done=back,
        submit=_("Send back"),
        cancel=back,
    )
