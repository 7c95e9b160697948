"""Why: every figure of stage 3 that was worked out, explained from what is stored with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from contracts import rules, services
from contracts.models import Contract, LiabilityReserve, PremiumBill, Termination
from contracts.selectors import ContractColumns, contract_columns, endings, pages
from contracts.services.figures import reserve_inputs
from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.people import name_of
from core.permissions import Scope
from products import api as products
from sales import api as sales

RIGHT = "contracts.view"


def _record(row: Contract) -> Step:
    return Step(_t("Contract"), row.pk, url=reverse("contracts:contract_detail", args=[row.pk]))


def _parts(key: str, count: int) -> list[str]:
    parts = key.split(".")
    if len(parts) != count:
        raise NotFound(_t("There is no figure %(key)s.") % {"key": key})
    return parts


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise NotFound(_t("There is no figure %(key)s.") % {"key": text}) from wrong


@explains("contract_premium", right=RIGHT)
def explain_premium(key: str, scope: Scope) -> Explanation:
    """Explain a contract's premium by the rating that was stored with it; the key is its number."""
    row = pages.contract(key, scope)
    return Explanation(
        title=_t("Premium"),
        answer=row.premium_amount,
        unit=_t("won"),
        formula=_t("unit premium × sum assured + fixed part, rounded"),
        steps=products.premium_steps(row.rating_id, int(row.sum_assured)),
        sources=[
            _record(row),
            Step(_t("Product version"), f"{row.product_id} v{row.version.version}"),
            Step(_t("Underwriting"), row.get_uw_result_display()),
        ],
        as_of=row.contract_date,
    )


@explains("policy_reserve", right=RIGHT)
def explain_reserve(key: str, scope: Scope) -> Explanation:
    """Explain a stored policy reserve; the key is contract.base date.occasion."""
    contract_id, day, occasion = _parts(key, 3)
    found, before = pages.reserve(contract_id, _day(day), occasion, scope)
    row = pages.contract(contract_id, scope)
    steps = _ended_steps(row) if occasion == "ENDED" else _reserve_steps(row, found)
    if before is not None:
        url = why_url("policy_reserve", before.figure_key)
        steps.append(
            Step(
                _t("Reserve before"),
                before.reserve_amount,
                f"{before.get_occasion_display()} {before.base_date}",
                url=url,
                unit=_t("won"),
            )
        )
    steps.append(Step(_t("Movement"), found.movement, unit=_t("won")))
    return Explanation(
        title=str(found.get_basis_display()),
        answer=found.reserve_amount,
        unit=_t("won"),
        formula=_formula(found),
        steps=steps,
        sources=[_record(row), Step(_t("Occasion"), found.get_occasion_display())],
        as_of=found.base_date,
    )


def _formula(found: LiabilityReserve) -> str:
    if found.occasion == LiabilityReserve.Occasion.ENDED:
        return _t("The contract has ended; nothing is owed to the future.")
    if found.basis == LiabilityReserve.Basis.NET_PREMIUM:
        return "tV = (M_{x+t} − M_{x+n} − P · (N_{x+t} − N_{x+m})) / D_{x+t} · S"
    return _t("premium of the paid period × days left / days of the period")


def _ended_steps(row: Contract) -> list[Step]:
    end = endings.termination(row.pk)
    return [Step(_t("Ended"), end.ended_on if end else "", end.get_kind_display() if end else "")]


def _reserve_steps(row: Contract, found: LiabilityReserve) -> list[Step]:
    """Work the reserve out again as it was on its base date, by the instalments paid until then."""
    columns = _as_it_was(row, found.base_date)
    inputs = reserve_inputs(columns, found.base_date)
    if found.basis == LiabilityReserve.Basis.NET_PREMIUM:
        sold = products.version_by_id(row.version_id)
        return [
            Step(_t("Completed months counted"), found.elapsed_months),
            Step(_t("Instalments paid"), int(columns.paid_instalments[0])),
            *products.reserve_steps(sold.product_code, sold.version, inputs),
        ]
    start, end = inputs["period_start"][0].item(), inputs["period_end"][0].item()
    left = (end - found.base_date).days - 1
    return [
        Step(_t("Premium of the paid period"), int(inputs["premium"][0]), unit=_t("won")),
        Step(_t("Paid period"), f"{start} – {end - timedelta(days=1)}", unit=""),
        Step(_t("Days of the period"), (end - start).days),
        Step(_t("Days left"), max(left, 0), _t("the base date itself is earned")),
    ]


def _as_it_was(row: Contract, day: date) -> ContractColumns:
    columns = contract_columns([row.pk])
    paid = PremiumBill.objects.filter(
        contract_id=row.pk, status=PremiumBill.Status.COLLECTED, collected_on__lte=day
    ).count()
    if row.contract_date >= day:  # the first premium counts at issue whenever it was booked
        paid = max(paid, int(columns.paid_instalments[0] > 0 and row.coverage_start == day))
    return replace(columns, paid_instalments=np.array([paid], np.int64))


@explains("surrender_value", right=RIGHT)
def explain_surrender(key: str, scope: Scope) -> Explanation:
    """Explain what a contract would pay back on a day; the key is contract.day."""
    contract_id, text = _parts(key, 2)
    day = _day(text)
    row = pages.contract(contract_id, scope)
    if row.policy_status != Contract.Status.ACTIVE:
        return explain_refund(contract_id, scope)
    figures = services.surrender_figures(contract_id, day=day)
    return Explanation(
        title=_t("Surrender value"),
        answer=Decimal(figures.refund),
        unit=_t("won"),
        formula=_t("policy reserve − acquisition cost not yet written off, at least 0"),
        steps=[
            Step(_t("Policy reserve"), Decimal(figures.reserve), unit=_t("won")),
            Step(
                _t("Acquisition cost not yet written off"),
                Decimal(-figures.deduction),
                _t("over at most seven years (Insurance Supervision, Art. 7-66)"),
                unit=_t("won"),
            ),
            Step(_t("Premiums paid so far"), Decimal(figures.premiums_paid), unit=_t("won")),
            Step(
                _t("Unpaid premiums"),
                Decimal(figures.unpaid),
                _t("their bills become void; an unpaid month adds no reserve"),
                unit=_t("won"),
            ),
        ],
        sources=[_record(row), _reserve_rule(row)],
        as_of=day,
    )


def _reserve_rule(row: Contract) -> Step:
    sold = products.version_by_id(row.version_id)
    return Step(_t("Rule"), "RESERVE", f"{sold.product_code} v{sold.version}")


@explains("refund", right=RIGHT)
def explain_refund(key: str, scope: Scope) -> Explanation:
    """Explain what was paid back when a contract ended; the key is its number."""
    row = pages.contract(key, scope)
    end = endings.termination(key)
    if end is None:
        raise NotFound(_t("%s has not ended.") % key)
    steps = [
        Step(_t("Ended"), end.ended_on, end.get_kind_display()),
        Step(_t("Policy reserve"), end.reserve, unit=_t("won")),
        Step(_t("Acquisition cost not yet written off"), -end.deduction, unit=_t("won")),
        Step(
            _t("Premiums paid so far"),
            row.premium_amount * row.paid_instalments,
            _t("%(n)s instalments") % {"n": row.paid_instalments},
            unit=_t("won"),
        ),
        *_traced(end),
    ]
    return Explanation(
        title=_t("Paid back"),
        answer=end.refund,
        unit=_t("won"),
        formula=_REFUNDS[end.kind],
        steps=steps,
        sources=[_record(row), Step(_t("Asked for by"), name_of(end.requested_by))],
        as_of=end.ended_on,
    )


_REFUNDS: dict[str, Any] = {
    Termination.Kind.LAPSE: _("Nothing is paid at a lapse; the surrender value is kept."),
    Termination.Kind.SURRENDER: _(
        "policy reserve − acquisition cost not yet written off, at least 0"
    ),
    Termination.Kind.WITHDRAWAL: _("every premium paid (Financial Consumer Protection, Art. 46)"),
    Termination.Kind.EXPIRY: _("Nothing is paid back when the term is over."),
    Termination.Kind.DEATH: _("The benefit itself is paid as a claim."),
}
_TRACED: dict[str, Any] = {
    "law": _("Ground"),
    "last": _("Last day of the cooling-off period"),
    "sent_on": _("Declaration sent on"),
    "refund_due": _("To be paid back by"),
    "surrender_value": _("Surrender value payable on request"),
}


def _traced(end: Termination) -> Iterable[Step]:
    for name, label in _TRACED.items():
        if name in end.trace:
            yield Step(label, end.trace[name])


@explains("due_date", right=RIGHT)
def explain_due(key: str, scope: Scope) -> Explanation:
    """Explain when an instalment falls due; the key is contract.instalment."""
    row, bill = _bill(key, scope)
    return Explanation(
        title=_t("Premium due on"),
        answer=bill.due_date,
        unit="",
        formula=_t("contract date + (instalment − 1) months; the last day of a shorter month"),
        steps=[
            Step(_t("Contract date"), row.contract_date),
            Step(_t("Instalment"), bill.instalment),
            Step(_t("Months added"), bill.instalment - 1),
        ],
        sources=[_record(row)],
    )


@explains("lapse_date", right=RIGHT)
def explain_lapse(key: str, scope: Scope) -> Explanation:
    """Explain the day of lapse of a noticed bill; the key is contract.instalment."""
    row, bill = _bill(key, scope)
    if bill.reminded_on is None or bill.lapse_on is None:
        raise NotFound(_t("No notice has been sent for this bill."))
    days = rules.GRACE_DAYS_SHORT if 0 < row.term_months < 12 else rules.GRACE_DAYS
    end = rules.grace(bill.reminded_on, row.term_months)
    return Explanation(
        title=_t("Day of lapse"),
        answer=bill.lapse_on,
        unit="",
        formula=_t("notice + grace period, on to the next working day; lapse the day after"),
        steps=[
            Step(
                _t("Unpaid since"),
                bill.due_date,
                url=why_url("due_date", f"{row.pk}.{bill.instalment}"),
            ),
            Step(
                _t("Notice"),
                bill.reminded_on,
                _t("sent when a bill is %(n)s days overdue, on a working day")
                % {"n": rules.NOTICE_AFTER_DAYS},
            ),
            Step(
                _t("Grace period"),
                days,
                _t("the day of the notice does not count (Civil Act, Art. 157)"),
                unit=_t("days"),
            ),
            Step(_t("It would end on"), end.counted),
            *_skipped(end),
            Step(_t("Last day to pay"), end.last, _t("losses until then are covered")),
        ],
        sources=[_record(row), Step(_t("Law"), end.law, _t("notice before lapse"))],
    )


def _skipped(end: rules.Deadline) -> Iterable[Step]:
    for day in end.skipped:
        yield Step(_t("Holiday skipped"), day, _t("ends with a working day (Civil Act, Art. 161)"))


def _bill(key: str, scope: Scope) -> tuple[Contract, PremiumBill]:
    contract_id, number = _parts(key, 2)
    if not number.isdecimal():
        raise NotFound(_t("There is no figure %(key)s.") % {"key": key})
    bill = pages.bill(contract_id, int(number), scope)
    return bill.contract, bill


@explains("cooling_off", right=RIGHT)
def explain_cooling_off(key: str, scope: Scope) -> Explanation:
    """Explain until when a contract may be withdrawn from; the key is its number."""
    row = pages.contract(key, scope)
    applied, end = pages.withdrawal_deadline(row)
    if end is None:
        raise NotFound(_t("Terms of up to 90 days cannot be withdrawn from."))
    by_application = rules.period_end(applied, rules.COOLING_OFF_APPLIED, end.law)
    steps = [
        Step(
            _t("Application"),
            applied,
            _t("%(n)s days: until %(day)s")
            % {"n": rules.COOLING_OFF_APPLIED, "day": by_application.last},
        )
    ]
    if row.delivered_on:
        by_delivery = rules.period_end(row.delivered_on, rules.COOLING_OFF_DELIVERED, end.law)
        steps.append(
            Step(
                _t("Policy document received"),
                row.delivered_on,
                _t("%(n)s days: until %(day)s")
                % {"n": rules.COOLING_OFF_DELIVERED, "day": by_delivery.last},
            )
        )
    return Explanation(
        title=_t("Right to withdraw until"),
        answer=end.last,
        unit="",
        formula=_t("the earlier of the two; the first day does not count"),
        steps=[*steps, *_skipped(end)],
        sources=[_record(row), Step(_t("Law"), end.law)],
    )


@explains("acceptance_due", right=RIGHT)
def explain_acceptance(key: str, scope: Scope) -> Explanation:
    """Explain until when an application must be answered; the key is its number."""
    row = pages.underwriting(key)
    application = _application(key, scope)
    end = rules.acceptance(application.applied_on)
    return Explanation(
        title=_t("To be answered by"),
        answer=row.due_on,
        unit="",
        formula=_t("application + 30 days, on to the next working day; silence is acceptance"),
        steps=[
            Step(_t("Application"), application.applied_on),
            Step(_t("Days"), rules.ACCEPTANCE_DAYS, _t("the first day does not count")),
            *_skipped(end),
        ],
        sources=[Step(_t("Law"), end.law, _t("duty to answer and presumed acceptance"))],
    )


@explains("underwriting", right=RIGHT)
def explain_underwriting(key: str, scope: Scope) -> Explanation:
    """Explain an underwriting result by the rules that fired; the key is the application."""
    row = pages.underwriting(key)
    application = _application(key, scope)
    fired = [
        Step(rule, result, text) for rule, result, text in pages.reasons_of(row, get_language())
    ]
    person = [Step(_t("Decided by"), row.decider, row.comment)] if row.decided_by else []
    return Explanation(
        title=_t("Underwriting"),
        answer=row.get_result_display() if row.result else row.get_status_display(),
        unit="",
        formula=_t("The gravest rule that fires decides; what it cannot decide goes to a person."),
        steps=fired or [Step(_t("No rule fired"), "–", _t("a standard risk"))],
        sources=[
            *person,
            Step(
                _t("Rule"),
                f"UNDERWRITING #{row.rule_id}",
                f"{application.product_code} v{application.version}",
            ),
        ],
        as_of=application.applied_on,
    )


def _application(key: str, scope: Scope) -> sales.ApplicationInfo:
    application = sales.applications([key])[0]
    agents = sales.agents_in_scope(scope)
    if agents is not None and application.agent_id not in agents:
        raise NotFound(_t("There is no application %s.") % key)
    return application
