"""A lapsed contract comes back into force, or its surrender value is paid on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contracts import rules
from contracts.events import ContractsReinstated
from contracts.models import (
    Contract,
    Customer,
    PremiumBill,
    PremiumReceipt,
    Reinstatement,
    Termination,
)
from contracts.selectors import (
    BillColumns,
    ContractColumns,
    arrears_percent,
    contract_columns,
    locked_columns,
    sums_assured_of,
    unpaid_bills,
    void_bills,
)
from core.columns import as_column
from core.errors import DomainError
from core.events import publish
from core.status import transition_rows
from products import api as products
from sales import api as sales

from . import reserves
from .billing import ReceiptConflict, pay_bills, refuse_receipt_day, write_bills
from .figures import versions_of
from .lapsed import lapsed

Status = Contract.Status
PASS = "PASS"  # noqa: S105 - an underwriting result


class ReinstatementTooLate(DomainError):
    """The period in which a lapsed contract may be reinstated is over."""


class TermIsOver(DomainError):
    """The term of the contract would have ended meanwhile."""


class WrongArrears(DomainError):
    """The money is not the arrears with their interest."""


class AnswersMissing(DomainError):
    """The disclosure questions are answered again before a reinstatement."""


class NotInsurableAgain(DomainError):
    """Underwriting does not accept the risk as it is now."""


@dataclass(frozen=True, slots=True)
class Missed:
    """One missed instalment with its interest, won; ``percent`` is the annual rate."""

    instalment: int
    due_date: date
    amount: int
    interest: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class ReinstatementFigures:
    """What a reinstatement costs on a day, won."""

    lapsed_on: date
    deadline: rules.Deadline
    missed: tuple[Missed, ...]

    @property
    def arrears(self) -> int:
        """All missed premiums."""
        return sum(one.amount for one in self.missed)

    @property
    def interest(self) -> int:
        """Interest on them."""
        return sum(one.interest for one in self.missed)

    @property
    def total(self) -> int:
        """What has to come in."""
        return self.arrears + self.interest


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """The money that came in for a reinstatement: won, day, channel and key of its receipt."""

    amount: Decimal
    received_on: date
    channel: str
    receipt_key: str


def reinstatement_figures(contract_id: str, *, day: date) -> ReinstatementFigures:
    """Return what the reinstatement of a lapsed contract would cost; nothing is written.

    Raises:
        NotFound, NotLapsed, SurrenderValuePaid, ReinstatementTooLate, TermIsOver.
    """
    contract, end = lapsed(contract_columns([contract_id]), contract_id)
    return _figures(contract, end, day)


@transaction.atomic
def reinstate(
    *,
    contract_id: str,
    money: Money,
    disclosures: Mapping[str, Any],
    by: str,
    business_date: date,
) -> Reinstatement:
    """Bring a lapsed contract back into force: disclosed and underwritten again, arrears paid.

    Cover begins again today; the days since the lapse stay without cover. Every missed instalment
    is billed and collected, so that commissions and the policy reserve go on as if none was missed.
    The same receipt is the same reinstatement, however often it is sent.

    Args:
        contract_id: a contract that lapsed less than three years ago.
        money: arrears with interest, exactly.
        disclosures: question → answer, every question of the product version.
        by: who takes it.
        business_date: accounting date, first day of cover.

    Raises:
        NotFound, NotLapsed, SurrenderValuePaid, ReinstatementTooLate, TermIsOver, WrongArrears,
        AnswersMissing, NotInsurableAgain, ReceiptConflict.

    Source: 상법 §650의2; 생명보험 표준약관 제27조.
    """
    columns = locked_columns([contract_id])
    known = PremiumReceipt.objects.filter(receipt_key=money.receipt_key).first()
    if known is not None:
        return _known(known, contract_id, money)
    contract, end = lapsed(columns, contract_id)
    figures = _figures(contract, end, business_date)
    if int(money.amount) != figures.total:
        raise WrongArrears(
            _("%(total)s won are owed: %(arrears)s of premiums and %(interest)s of interest.")
            % {
                "total": f"{figures.total:,}",
                "arrears": f"{figures.arrears:,}",
                "interest": f"{figures.interest:,}",
            }
        )
    _underwrite(contract, disclosures, business_date)
    done = _record(contract, end, figures, money, disclosures, by=by, day=business_date)
    _bring_back(contract, figures, done.receipt, business_date)
    return done


def _known(receipt: PremiumReceipt, contract_id: str, money: Money) -> Reinstatement:
    done = Reinstatement.objects.filter(receipt=receipt, contract_id=contract_id).first()
    if done is None or receipt.amount != money.amount:
        raise ReceiptConflict(
            _("Receipt %(key)s stands for %(amount)s won on %(contract)s already.")
            % {
                "key": receipt.receipt_key,
                "amount": f"{receipt.amount:,.0f}",
                "contract": receipt.contract_id,
            }
        )
    return done


def _figures(contract: ContractColumns, end: Termination, day: date) -> ReinstatementFigures:
    deadline = rules.reinstatement_deadline(end.ended_on)
    if day > deadline.last:
        raise ReinstatementTooLate(
            _("%(contract)s could be reinstated until %(last)s, three years from its lapse.")
            % {"contract": contract.contract_id[0], "last": deadline.last}
        )
    over = contract.coverage_end[0]
    if not np.isnat(over) and over <= np.datetime64(day, "D"):
        raise TermIsOver(_("The term of %s has ended meanwhile.") % contract.contract_id[0])
    return ReinstatementFigures(end.ended_on, deadline, tuple(_missed(contract, day)))


def _missed(contract: ContractColumns, day: date) -> list[Missed]:
    """List every instalment that fell due up to ``day`` and is not paid, with its interest."""
    amount = int(contract.premium[0])
    found: list[Missed] = []
    number = int(contract.paid_instalments[0]) + 1
    while True:
        (due,) = rules.next_due(contract.contract_date, np.array([number]), contract.total)
        if np.isnat(due) or due.item() > day:
            return found
        percent = arrears_percent(due.item())
        interest = rules.arrears_interest(amount, due=due.item(), paid=day, percent=percent)
        found.append(Missed(number, due.item(), amount, interest, percent))
        number += 1


def _underwrite(contract: ContractColumns, disclosures: Mapping[str, Any], day: date) -> None:
    """Ask the product's rules about the risk as it is today; anything but a plain yes refuses."""
    versions = versions_of(contract.version_id)
    code, number = str(versions.product_code[0]), int(versions.version[0])
    for question in sales.questions(code, number):
        if question.code not in disclosures or not question.accepts(disclosures[question.code]):
            raise AnswersMissing(_("Answer the question again: %s") % question.text)
    columns = _risk(contract, disclosures, code, number, day)
    outcome = products.underwrite(code, number, columns)
    result = outcome.outcomes[outcome.index[0]]
    if str(result.result.value) != PASS:
        language = (get_language() or "ko")[:2]
        said = [dict(one.reason).get(language) or one.rule for one in result.findings]
        raise NotInsurableAgain(
            _("Underwriting does not accept the risk as it is now: %s") % "; ".join(said)
        )


def _risk(
    contract: ContractColumns, disclosures: Mapping[str, Any], code: str, number: int, day: date
) -> dict[str, Any]:
    customer = Customer.objects.get(pk=int(contract.customer_id[0]))
    classes = {job.code: job.job_class for job in sales.jobs()}
    years = rules.completed_months(contract.contract_date, np.datetime64(day, "D")) // 12
    held = sums_assured_of([customer.rrn_hash], str(contract.product_code[0]))
    columns: dict[str, Any] = {
        "age": contract.insurance_age + years,
        "sex": contract.sex,
        "term_months": contract.term_months,
        "pay_months": contract.pay_months,
        "per_year": np.array([12]),
        "sum_assured": contract.sum_assured,
        "job_class": np.array([classes.get(customer.job_code, 1)]),
        "existing_sum": np.array([held.get(customer.rrn_hash, 0)]),
    }
    for entry in products.offer(code, number).inputs:
        name = entry["name"]
        if name not in columns:
            columns[name] = np.asarray([disclosures.get(name, entry["default"])])
    return columns


def _record(
    contract: ContractColumns,
    end: Termination,
    figures: ReinstatementFigures,
    money: Money,
    disclosures: Mapping[str, Any],
    *,
    by: str,
    day: date,
) -> Reinstatement:
    contract_id = str(contract.contract_id[0])
    refuse_receipt_day(money.received_on, since=end.ended_on, business_date=day)
    receipt = PremiumReceipt.objects.create(
        receipt_key=money.receipt_key,
        contract_id=contract_id,
        amount=money.amount,
        received_on=money.received_on,
        channel=money.channel,
        taken_by=by,
    )
    trace = [
        {
            "instalment": one.instalment,
            "due": one.due_date.isoformat(),
            "amount": one.amount,
            "percent": str(one.percent),
            "interest": one.interest,
        }
        for one in figures.missed
    ]
    return Reinstatement.objects.create(
        termination=end,
        contract_id=contract_id,
        receipt=receipt,
        lapsed_on=end.ended_on,
        reinstated_on=day,
        instalments=len(figures.missed),
        arrears=figures.arrears,
        interest=figures.interest,
        disclosures=dict(disclosures),
        trace={"law": "상법 §650의2", "missed": trace},
        taken_by=by,
    )


def _bring_back(
    contract: ContractColumns,
    figures: ReinstatementFigures,
    receipt: PremiumReceipt,
    day: date,
) -> None:
    """Move the contract, restore its void bills, bill and collect what was missed, and reserve."""
    contract_id = str(contract.contract_id[0])
    last = figures.missed[-1].instalment
    next_due = rules.next_due(contract.contract_date, np.array([last + 1]), contract.total)[0]
    moved = transition_rows(
        Contract,
        [contract_id],
        frm=[Status.LAPSED],
        to=Status.ACTIVE,
        field="policy_status",
        reason=_("Reinstated (Commercial Act, Art. 650-2)."),
        ended_on=None,
        next_due_date=None if np.isnat(next_due) else next_due.item(),
    )
    assert moved == 1, "a locked contract does not move under us"
    restored = _restore_bills(contract)
    _tell(contract, figures, restored, day)
    _bill_the_rest(contract, figures, restored, day)
    now = contract_columns([contract_id])
    bills = unpaid_bills([contract_id])
    pay_bills(now, bills, day=day, channel=receipt.channel, receipt=receipt)
    reserves.revive(contract_columns([contract_id]), day=day)


def _restore_bills(contract: ContractColumns) -> BillColumns:
    bills = void_bills(contract.contract_id)
    transition_rows(
        PremiumBill,
        bills.pk.tolist(),
        frm=[PremiumBill.Status.VOID],
        to=PremiumBill.Status.DUE,
        reason=_("Due again at the reinstatement."),
    )
    return bills


def _tell(
    contract: ContractColumns, figures: ReinstatementFigures, restored: BillColumns, day: date
) -> None:
    versions = versions_of(contract.version_id)
    publish(
        ContractsReinstated(
            business_date=day,
            contract_id=contract.contract_id,
            product_code=contract.product_code,
            version=versions.version,
            agent_id=contract.agent_id,
            line=contract.line,
            cohort_year=contract.cohort_year,
            lapsed_on=as_column("days", [figures.lapsed_on]),
            paid_instalments=contract.paid_instalments,
            missed_instalments=np.array([len(figures.missed)]),
            arrears=np.array([figures.arrears]),
            restored=np.array([int(restored.amount.sum())]),
            interest=np.array([figures.interest]),
        )
    )


def _bill_the_rest(
    contract: ContractColumns, figures: ReinstatementFigures, restored: BillColumns, day: date
) -> None:
    """Bill the instalments that fell due while the contract lay lapsed, one event each."""
    known = set(restored.instalment.tolist())
    for one in figures.missed:
        if one.instalment not in known:
            due = as_column("days", [one.due_date])
            write_bills(contract, np.array([one.instalment]), due, day)
