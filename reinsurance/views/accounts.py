"""Accounts current with reinsurers: where they stand, their entries, settlement."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.boards import Chart, Figure, Series, board_page
from core.clock import add_months, business_date, month_end
from core.forms import form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page
from reinsurance import selectors, services
from reinsurance.filters import EntryFilter, SettlementFilter
from reinsurance.forms import CancelForm, SettlementForm, SignForm
from reinsurance.models import AccountEntry, Settlement
from reinsurance.tables import EntryTable, SettlementTable
from reinsurance.views.boards import AGE_LABELS

_ACCOUNTS = _("Accounts with reinsurers")
_SETTLEMENTS = _("Settlements with reinsurers")


def _overview() -> str:
    return reverse("reinsurance:accounts")


def _settled(number: str) -> str:
    return reverse("reinsurance:settlement_detail", args=[number])


@requires("reinsurance.view")
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Show where the account with each reinsurer stands."""
    today = business_date()
    rows = selectors.accounts_on(today)
    waiting = Settlement.objects.filter(status="PROPOSED").count()
    return board_page(
        request,
        title=_ACCOUNTS,
        as_of=today,
        figures=[
            Figure(_("Owed to reinsurers"), sum(row.payable for row in rows), _("won")),
            Figure(_("Owed by reinsurers"), sum(row.receivable for row in rows), _("won")),
            Figure(
                _("Share of open claims"),
                sum(row.expected for row in rows),
                _("won"),
                url=reverse("reinsurance:recoverable_list"),
            ),
            Figure(
                _("Settlements that wait"),
                waiting,
                kind="count",
                url=reverse("reinsurance:settlement_list") + "?status=PROPOSED",
            ),
        ],
        charts=_ages(rows),
        crumbs=[(_("Reinsurance desk"), reverse("reinsurance:home"))],
        primary=Act(_("Draw up a settlement"), reverse("reinsurance:settlement_new"), "cash")
        if may(request.user, "reinsurance.settle")
        else None,
        more=[
            Act(_("Entries of accounts"), reverse("reinsurance:entry_list"), "list"),
            Act(_SETTLEMENTS, reverse("reinsurance:settlement_list"), "receipt"),
        ],
        template="reinsurance/accounts.html",
        context={"rows": rows, "labels": AGE_LABELS},
    )


def _ages(rows: list[selectors.Account]) -> list[Chart]:
    owed = [sum(max(row.owed[age], 0) for row in rows) for age in range(len(AGE_LABELS))]
    due = [sum(row.recoveries[age] for row in rows) for age in range(len(AGE_LABELS))]
    if not any(owed) and not any(due):
        return []
    late = sum(owed[2:])
    return [
        Chart(
            id="account-ages",
            title=_t("%(amount)s won has been owed to reinsurers for more than 60 days")
            % {"amount": f"{late:,}"}
            if late
            else _t("Nothing has been owed to reinsurers for more than 60 days"),
            kind="bar",
            categories=[str(label) for label in AGE_LABELS],
            series=[
                Series(_("Owed to reinsurers"), owed),
                Series(_("Owed by reinsurers"), due),
            ],
            unit=_("won"),
            wide=True,
        )
    ]


@requires("reinsurance.view")
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show the account current with one reinsurer over the last month."""
    today = business_date()
    name = request.GET.get("reinsurer", "")
    row = next((r for r in selectors.accounts_on(today) if r.reinsurer == name), None)
    if row is None:
        raise Http404(name)
    before = month_end(add_months(today.replace(day=1), -1))
    moved = selectors.movement(name, first=before.replace(day=1), last=before)
    kinds = dict(AccountEntry.Kind.choices)
    listed = reverse("reinsurance:entry_list") + f"?reinsurer_name={name}"
    settle = reverse("reinsurance:settlement_new") + f"?reinsurer={name}"
    return board_page(
        request,
        title=name,
        as_of=today,
        lead=_("Account current"),
        figures=[
            Figure(_("Owed to the reinsurer"), row.payable, _("won"), url=listed),
            Figure(_("Owed by the reinsurer"), row.receivable, _("won"), url=_pending(name)),
            Figure(_("On balance, to the reinsurer"), row.net, _("won")),
            Figure(_("Share of open claims"), row.expected, _("won")),
        ],
        charts=[
            Chart(
                id="account-month",
                title=_t("%(month)s: from %(opening)s to %(closing)s won")
                % {
                    "month": f"{before:%Y-%m}",
                    "opening": f"{moved.opening:,}",
                    "closing": f"{moved.closing:,}",
                },
                kind="waterfall",
                categories=[
                    _t("Beginning of the month"),
                    *(str(kinds[kind]) for kind in moved.steps),
                    _t("End of the month"),
                ],
                series=[
                    Series(
                        _("Owed to the reinsurer"),
                        [moved.opening, *moved.steps.values(), moved.closing],
                    )
                ],
                unit=_("won"),
                wide=True,
            )
        ],
        crumbs=[(_ACCOUNTS, _overview())],
        primary=Act(_("Draw up a settlement"), settle, "cash")
        if may(request.user, "reinsurance.settle")
        else None,
        more=[Act(_("Entries of accounts"), listed, "list")],
        template="reinsurance/account.html",
        context={
            "row": row,
            "labels": AGE_LABELS,
            "entries": selectors.entries().filter(reinsurer_name=name)[:40],
            "listed": listed,
        },
    )


def _pending(name: str) -> str:
    return reverse("reinsurance:recovery_list") + f"?status=PENDING&reinsurer_name={name}"


@requires("reinsurance.view")
@require_GET
def entry_list(request: HttpRequest) -> HttpResponse:
    """List the entries of accounts."""
    return list_page(
        request,
        title=_("Entries of accounts"),
        queryset=selectors.entries(),
        filterset=EntryFilter,
        table=EntryTable,
        export_name="reinsurance-account",
        more=[Act(_ACCOUNTS, _overview(), "scale")],
        empty=Empty(
            _("No entries of accounts yet"),
            _("Ceded premium is entered in the night of the month's last day."),
        ),
    )


@requires("reinsurance.view")
@require_GET
def settlement_list(request: HttpRequest) -> HttpResponse:
    """List settlements."""
    may_settle = may(request.user, "reinsurance.settle")
    new = reverse("reinsurance:settlement_new")
    return list_page(
        request,
        title=_SETTLEMENTS,
        queryset=selectors.settlements(),
        filterset=SettlementFilter,
        table=SettlementTable,
        export_name="reinsurance-settlements",
        primary=Act(_("Draw up a settlement"), new, "cash") if may_settle else None,
        empty=Empty(
            _("No settlements yet"),
            _("Draw up what is owed to a reinsurer; a colleague pays it."),
            new if may_settle else "",
            _("Draw up a settlement"),
        ),
    )


@requires("reinsurance.view")
@require_GET
def settlement_detail(request: HttpRequest, number: str) -> HttpResponse:
    """Show one settlement with the entries that it paid."""
    row = get_object_or_404(selectors.settlements(), pk=number)
    waits = row.status == Settlement.Status.PROPOSED
    own = row.made_by == request.user.get_username()
    signs = waits and may(request.user, "reinsurance.sign")
    name = row.reinsurer_name
    url = reverse("reinsurance:account") + f"?reinsurer={name}"
    return record_page(
        request,
        row,
        title=name,
        number=row.pk,
        place="ri-settlement",
        figures=[
            Figure(_("Owed to the reinsurer"), row.payable, _("won")),
            Figure(_("Recoveries cleared against it"), row.offset, _("won")),
            Figure(_("Cash to the reinsurer"), row.cash, _("won")),
        ],
        facts=[
            (_("Reinsurer"), format_html('<a href="{}">{}</a>', url, name)),
            (_("Entries up to"), row.until),
            (_("Drawn up by"), name_of(row.made_by)),
            (_("Drawn up on"), row.made_on),
            (_("Paid by"), name_of(row.checked_by)),
            (_("Settled on"), row.paid_on),
        ],
        crumbs=[(_SETTLEMENTS, reverse("reinsurance:settlement_list"))],
        primary=Act(_("Pay"), reverse("reinsurance:settlement_pay", args=[number]), "cash")
        if signs and not own
        else None,
        more=[Act(_("Cancel"), reverse("reinsurance:settlement_cancel", args=[number]), "x")]
        if waits and (signs or may(request.user, "reinsurance.settle"))
        else (),
        template="reinsurance/settlement_detail.html",
        context={"entries": row.entries.select_related("treaty"), "own": own and waits},
    )


@requires("reinsurance.settle")
@require_http_methods(["GET", "POST"])
def settlement_new(request: HttpRequest) -> HttpResponse:
    """Draw up a settlement."""
    today = business_date()
    before = month_end(add_months(today.replace(day=1), -1))
    return form_page(
        request,
        SettlementForm,
        title=_("Draw up a settlement"),
        initial={"reinsurer": request.GET.get("reinsurer", ""), "until": before, "net": True},
        act=lambda form: services.propose_settlement(**form.cleaned_data, on=today),
        done=_settled,
        message=_("Drawn up. A colleague pays it."),
        submit=_("Draw up"),
        cancel=_overview(),
        crumbs=[(_ACCOUNTS, _overview())],
    )


@requires("reinsurance.sign")
@require_http_methods(["GET", "POST"])
def settlement_pay(request: HttpRequest, number: str) -> HttpResponse:
    """Pay a settlement after its entries were shown."""
    return _decide(
        request,
        number,
        SignForm,
        title=_("Pay the settlement"),
        act=lambda form: services.pay_settlement(number, on=business_date()),
        confirm=True,
        submit=_("Pay"),
        message=_("Paid. The account is cleared."),
    )


@requires("reinsurance.settle")
@require_http_methods(["GET", "POST"])
def settlement_cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Take a settlement back."""
    return _decide(
        request,
        number,
        CancelForm,
        title=_("Cancel the settlement"),
        act=lambda form: services.cancel_settlement(number, **form.cleaned_data),
        danger=True,
        submit=_("Cancel the settlement"),
        message=_("Cancelled. Nothing was paid."),
    )


def _decide(request: HttpRequest, number: str, form: type, **how: Any) -> HttpResponse:
    get_object_or_404(Settlement, pk=number)
    return form_page(
        request,
        form,
        done=_settled(number),
        cancel=_settled(number),
        crumbs=[
            (_SETTLEMENTS, reverse("reinsurance:settlement_list")),
            (number, _settled(number)),
        ],
        **how,
    )
