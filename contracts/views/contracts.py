"""Contracts: the list, the record, the whole journey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from contracts import services
from contracts.filters import ContractFilter
from contracts.models import Contract, PremiumBill, Termination
from contracts.selectors import endings, pages
from contracts.tables import ContractTable
from core.boards import Figure
from core.clock import business_date
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.panels import panels_for
from core.permissions import may, requires, scope_of
from core.privacy import log_view
from core.records import Moment, record_page

from .words import crumb, months_in_words

RIGHT = "contracts.view"
OPEN = (Contract.Status.PENDING, Contract.Status.ACTIVE)


@requires(RIGHT)
@require_http_methods(["GET", "POST"])
def contract_list(request: HttpRequest) -> HttpResponse:
    """List the contracts that the person may see."""
    log_view("contracts", "list of contracts")
    return list_page(
        request,
        title=_("Contracts"),
        queryset=pages.contract_list(scope_of(request.user, RIGHT)),
        filterset=ContractFilter,
        table=ContractTable,
        export_name="contracts",
        personal=True,
        empty=Empty(
            _("No contracts yet"),
            _("An application that underwriting accepts becomes a contract at once."),
        ),
    )


@requires(RIGHT)
@require_GET
def contract_detail(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show a contract: key figures, what happened, and the panels of every stage."""
    row = pages.contract(contract_id, scope_of(request.user, RIGHT))
    log_view(contract_id, "contract")
    end = endings.termination(contract_id)
    return record_page(
        request,
        row,
        title=row.customer.name,
        number=contract_id,
        place="contract",
        status_field="policy_status",
        figures=list(_figures(row, end)),
        facts=_facts(row, end),
        timeline=_timeline(row, end),
        primary=_primary(request, row),
        more=_more(request, row),
        crumbs=[crumb()],
        template="contracts/contract_detail.html",
        context={"end": end, "arrears": pages.arrears(contract_id), "today": business_date()},
    )


@requires(RIGHT)
@require_GET
def journey(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show the whole journey of a contract: from the rule that priced it to its ledger lines."""
    row = pages.contract(contract_id, scope_of(request.user, RIGHT))
    log_view(contract_id, "contract journey")
    stations = [
        (panel.title, panel.url(contract_id))
        for place in ("journey", "contract")
        for panel in panels_for(place, request.user)
    ]
    context = {
        "title": _("Data journey"),
        "row": row,
        "stations": stations,
        "crumbs": [crumb(), (contract_id, reverse("contracts:contract_detail", args=[row.pk]))],
    }
    return render_page(request, "contracts/journey.html", context)


def _figures(row: Contract, end: Termination | None) -> Iterator[Figure]:
    yield Figure(
        _("Premium"),
        row.premium_amount,
        _("won a month") if row.frequency == Contract.Frequency.MONTHLY else _("won"),
        why=("contract_premium", row.pk),
    )
    yield Figure(_("Sum assured"), row.sum_assured, _("won"))
    yield Figure(_("Paid instalments"), row.paid_instalments, kind="count")
    last = pages.reserves_of(row.pk).first()
    if last is not None:
        yield Figure(
            _("Policy reserve"),
            last.reserve_amount,
            _("won"),
            why=("policy_reserve", last.figure_key),
            note=last.base_date.isoformat(),
        )
    if end is not None:
        yield Figure(_("Paid back"), end.refund, _("won"), why=("refund", row.pk))
    elif row.policy_status == Contract.Status.ACTIVE:
        today = business_date()
        value = services.surrender_figures(row.pk, day=today).refund
        yield Figure(
            _("Surrender value"),
            value,
            _("won"),
            why=("surrender_value", f"{row.pk}.{today}"),
            note=today.isoformat(),
        )


def _facts(row: Contract, end: Termination | None) -> list[tuple[Any, Any]]:
    facts = [
        (_("Product"), f"{row.product.product_name} v{row.version.version}"),
        (_("Contract date"), row.contract_date),
        (_("Cover from"), row.coverage_start or _("when the first premium is paid")),
        (_("Cover until"), _last_day(row)),
        (_("Term and payment"), f"{months_in_words(row.term_months)} · {_payment(row)}"),
        (_("Next due"), row.next_due_date),
        (_("Insured person"), f"{row.get_sex_display()} · {_age(row.insurance_age)}"),
        (_("Underwriting"), _underwritten(row)),
        (_("Agent"), f"{row.agent.agent_name} · {row.agent.branch_name}"),
    ]
    if row.external_key:
        facts.append((_("Key in the former system"), row.external_key))
    if end is not None:
        facts.append((_("Ended"), f"{end.get_kind_display()} · {end.ended_on}"))
    return facts


def _last_day(row: Contract) -> Any:
    return row.coverage_end - timedelta(days=1) if row.coverage_end else _("whole of life")


def _payment(row: Contract) -> str:
    if row.frequency == Contract.Frequency.SINGLE:
        return _("single premium")
    return _("paid for %(period)s") % {"period": months_in_words(row.pay_months)}


def _age(age: int) -> str:
    return _("insurance age %(age)s") % {"age": age}


def _underwritten(row: Contract) -> str:
    said = str(row.get_uw_result_display())
    if row.loading_percent:
        said += " · " + _("loading %(percent)s%%") % {"percent": f"{row.loading_percent:.0f}"}
    return said


def _timeline(row: Contract, end: Termination | None) -> Iterator[Moment]:
    yield Moment(row.contract_date, _("Contract date"), row.pk)
    for bill in pages.bills_of(row.pk):
        number = _("instalment %(n)s") % {"n": bill.instalment}
        if bill.status == PremiumBill.Status.COLLECTED and bill.collected_on:
            note = f"{number} · {bill.amount:,.0f} · {bill.channel_label}"
            yield Moment(bill.collected_on, _("Premium collected"), note)
        if bill.reminded_on:
            note = _("%(bill)s; lapses on %(day)s if unpaid") % {
                "bill": number,
                "day": bill.lapse_on,
            }
            yield Moment(bill.reminded_on, _("Grace notice"), note)
    for again in endings.reinstatements(row.pk):
        note = _("arrears %(arrears)s, interest %(interest)s won") % {
            "arrears": f"{again.arrears:,.0f}",
            "interest": f"{again.interest:,.0f}",
        }
        yield Moment(again.lapsed_on, _("Lapsed"), row.pk)
        yield Moment(again.reinstated_on, _("Reinstated"), note, again.taken_by)
    paid = endings.surrender_payment(row.pk)
    if paid is not None:
        note = f"{paid.amount:,.0f}"
        yield Moment(paid.paid_on, _("Surrender value paid"), note, paid.requested_by)
    if end is not None and end.refund:
        note = f"{end.get_kind_display()} · {end.refund:,.0f}"
        yield Moment(end.ended_on, _("Paid back"), note, end.requested_by)


def _primary(request: HttpRequest, row: Contract) -> Act | None:
    unpaid = pages.arrears(row.pk).count
    if row.policy_status in OPEN and unpaid and may(request.user, "contracts.collect"):
        label = ngettext("Take the premium", "Take the premiums", unpaid)
        return Act(label, reverse("contracts:collect", args=[row.pk]), "cash")
    if row.policy_status == Contract.Status.LAPSED and may(request.user, "contracts.service"):
        return Act(_("Reinstate"), reverse("contracts:reinstate", args=[row.pk]), "heart-plus")
    return Act(_("Data journey"), reverse("contracts:journey", args=[row.pk]), "route")


def _more(request: HttpRequest, row: Contract) -> list[Act]:
    acts = [
        Act(_("Data journey"), reverse("contracts:journey", args=[row.pk]), "route"),
        Act(_("Customer"), reverse("contracts:customer_detail", args=[row.customer_id]), "user"),
    ]
    if row.policy_status in OPEN and may(request.user, "contracts.service"):
        acts += [
            Act(_("Withdraw"), reverse("contracts:withdraw", args=[row.pk]), "arrow-back-up"),
            Act(_("Surrender"), reverse("contracts:surrender", args=[row.pk]), "door-exit"),
            Act(
                _("Refused debits"),
                reverse("contracts:debit", args=[row.pk]),
                "credit-card-off",
            ),
        ]
    if row.policy_status == Contract.Status.LAPSED and may(request.user, "contracts.service"):
        acts.append(
            Act(
                _("Pay the surrender value"),
                reverse("contracts:pay_value", args=[row.pk]),
                "cash-banknote",
            )
        )
    return acts
