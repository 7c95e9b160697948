"""The one way to issue contracts: a batch in columns, set-based, with everything that follows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self, get_args, get_type_hints

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from contracts import rules
from contracts.events import ContractsIssued, PremiumsBilled
from contracts.models import Contract, LiabilityReserve, PremiumBill, UnderwritingResult
from contracts.selectors import ContractColumns
from core import numbering
from core.bulk import copy_rows
from core.columns import DTYPES, Days, Flags, Ints, Keys, Won, as_column
from core.errors import DomainError
from core.events import publish
from products import api as products

from .figures import Reserved, Versions, reserves_of, versions_of

SERIES = "CON"


class NotInsurable(DomainError):
    """A rejected application does not become a contract."""


class WrongFirstPremium(DomainError):
    """The first premium is taken in full or not at all."""


class AlreadyIssued(DomainError):
    """The application, or the key of the other system, has a contract already."""


class WrongVersion(DomainError):
    """Another version of the product is sold on this day."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NewContracts:
    """Contracts to issue, in columns of equal length; a single value stands for all rows.

    Args:
        version_id: product version (``products.api`` knows it).
        customer_id: from ``customers_for``.
        agent_id: who sold it.
        contract_date: first day of the term.
        uw_result: PASS or CONDITION.
        application_id: "" where there was none.
        premium: won of one instalment.
        rating_id: the stored rating that gave the premium.
        sum_assured: won.
        insurance_age: on the contract date.
        sex: M or F.
        term_months: 0 for whole of life.
        pay_months: 0 for the whole term.
        frequency: MONTHLY or SINGLE.
        loading_percent: extra on the cost of risk.
        received: won taken with the application: the premium, or 0.
        external_key: key in the system that it comes from, "" for none.
    """

    version_id: Ints
    customer_id: Ints
    agent_id: Keys
    contract_date: Days
    uw_result: Keys
    application_id: Keys
    premium: Won
    rating_id: Ints
    sum_assured: Won
    insurance_age: Ints
    sex: Keys
    term_months: Ints
    pay_months: Ints
    frequency: Keys
    loading_percent: Ints
    received: Won
    external_key: Keys

    def __post_init__(self) -> None:
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        sized = {n: len(v) for n, v in given.items() if isinstance(v, np.ndarray | list | tuple)}
        if len(set(sized.values())) != 1:
            raise ValueError(f"Columns differ in length: {sized}.")
        rows = next(iter(sized.values()))
        for name, kind in _KINDS.items():
            value = given[name]
            column = as_column(kind, value if name in sized else np.full(rows, value, DTYPES[kind]))
            object.__setattr__(self, name, column)

    @classmethod
    def of(cls, **columns: Any) -> Self:
        """Make a batch from lists, arrays and single values."""
        return cls(**columns)

    def __len__(self) -> int:
        return len(self.version_id)


_KINDS: dict[str, str] = {
    name: get_args(hint)[-1]
    for name, hint in get_type_hints(NewContracts, include_extras=True).items()
}


@dataclass(frozen=True, slots=True, eq=False)
class IssuedContracts:
    """What was issued, in the order of the batch."""

    contract_id: Keys
    status: Keys
    reserve: Won


@transaction.atomic
def issue(batch: NewContracts, *, business_date: date) -> IssuedContracts:
    """Issue contracts with their first bill and their first policy reserve, and tell the books.

    A contract whose first premium is received is ACTIVE from its contract date; the others wait
    for it (상법 §656) and their first bill is due.

    Args:
        batch: 1 to 10,000 contracts.
        business_date: accounting date.

    Raises:
        NotInsurable, WrongFirstPremium, AlreadyIssued, WrongVersion.
        products.api.NotOnSale: new business of a product that is not on sale.
    """
    versions = versions_of(batch.version_id)
    _refuse(batch, versions)
    issued = _columns(batch, versions)
    reserved = reserves_of(issued, as_of=batch.contract_date)
    _write_contracts(batch, issued)
    _write_first_bills(issued, business_date)
    _write_first_reserves(issued, reserved)
    _tell(batch, versions, issued, reserved, business_date)
    return IssuedContracts(issued.contract_id, issued.status, reserved.amount)


def _refuse(batch: NewContracts, versions: Versions) -> None:
    if np.any(batch.uw_result == UnderwritingResult.REJECT.value):
        raise NotInsurable(_("A rejected application does not become a contract."))
    wrong = np.flatnonzero((batch.received != 0) & (batch.received != batch.premium))
    if wrong.size:
        row = int(wrong[0])
        raise WrongFirstPremium(
            _("Row %(row)s: %(received)s won received, the first premium is %(premium)s won.")
            % {
                "row": row + 1,
                "received": f"{batch.received[row]:,}",
                "premium": f"{batch.premium[row]:,}",
            }
        )
    _refuse_issued(batch)
    _refuse_off_sale(batch, versions)


def _refuse_issued(batch: NewContracts) -> None:
    for name in ("application_id", "external_key"):
        keys = [key for key in getattr(batch, name).tolist() if key]
        if not keys:
            continue
        taken = Contract.objects.filter(**{f"{name}__in": keys}).values_list(name, flat=True)
        known = taken.first() or _repeated(keys)
        if known:
            raise AlreadyIssued(_("%(key)s has a contract already.") % {"key": known})


def _repeated(keys: list[str]) -> str:
    if len(set(keys)) == len(keys):
        return ""
    return next(key for row, key in enumerate(keys) if key in keys[:row])


def _refuse_off_sale(batch: NewContracts, versions: Versions) -> None:
    """New business without an application must be of the version that is sold on its day.

    An application was checked when it was submitted; a portfolio taken over from another system
    (external key) was sold there.
    """
    fresh = (batch.application_id == "") & (batch.external_key == "")
    pairs = {
        (str(code), day, int(number))
        for code, day, number in zip(
            versions.product_code[fresh],
            batch.contract_date[fresh].tolist(),
            versions.version[fresh],
            strict=True,
        )
    }
    for code, day, number in sorted(pairs):
        sold = products.sellable(code, day)
        if sold.version != number:
            raise WrongVersion(
                _("On %(day)s %(code)s is sold in version %(sold)s, not %(version)s.")
                % {"day": day, "code": code, "sold": sold.version, "version": number}
            )


def _columns(batch: NewContracts, versions: Versions) -> ContractColumns:
    paid = batch.received > 0
    total = rules.instalments(batch.frequency, batch.pay_months, batch.term_months)
    never = np.full(len(batch), np.datetime64("NaT"), "datetime64[D]")
    return ContractColumns(
        contract_id=_numbers(batch.contract_date),
        status=_words(paid, Contract.Status.ACTIVE, Contract.Status.PENDING),
        product_code=versions.product_code,
        version_id=batch.version_id,
        line=versions.line,
        agent_id=batch.agent_id,
        customer_id=batch.customer_id,
        application_id=batch.application_id,
        contract_date=batch.contract_date,
        frequency=batch.frequency,
        insurance_age=batch.insurance_age,
        sex=batch.sex,
        sum_assured=batch.sum_assured,
        premium=batch.premium,
        term_months=batch.term_months,
        pay_months=batch.pay_months,
        coverage_start=np.where(paid, batch.contract_date, never),
        coverage_end=rules.cover_end(batch.contract_date, batch.term_months),
        paid_instalments=paid.astype(np.int64),
        next_due_date=rules.next_due(batch.contract_date, np.full(len(batch), 2), total),
        ended_on=never,
        delivered_on=batch.contract_date,
        rating_id=batch.rating_id,
        loading_percent=batch.loading_percent,
        reserve=np.zeros(len(batch), np.int64),
        premiums_paid=batch.received,
    )


def _words(mask: Flags, yes: str, no: str) -> Keys:
    out = np.empty(len(mask), dtype=object)
    out[:] = str(no)
    out[mask] = str(yes)
    return out


def _numbers(contract_date: Days) -> Keys:
    years = contract_date.astype("datetime64[Y]").astype(np.int64) + 1970
    out = np.empty(len(years), dtype=object)
    for year in np.unique(years).tolist():
        rows = np.flatnonzero(years == year)
        out[rows] = numbering.take(SERIES, year, len(rows))
    return out


def _write_contracts(batch: NewContracts, issued: ContractColumns) -> None:
    copy_rows(
        Contract,
        {
            "contract_id": issued.contract_id,
            "product": issued.product_code,
            "customer": issued.customer_id,
            "agent": issued.agent_id,
            "contract_date": issued.contract_date,
            "premium_amount": issued.premium,
            "policy_status": issued.status,
            "uw_result": batch.uw_result,
            "application": batch.application_id,
            "version": issued.version_id,
            "rating": issued.rating_id,
            "line": issued.line,
            "frequency": issued.frequency,
            "insurance_age": issued.insurance_age,
            "sex": issued.sex,
            "sum_assured": issued.sum_assured,
            "term_months": issued.term_months,
            "pay_months": issued.pay_months,
            "coverage_start": issued.coverage_start,
            "coverage_end": issued.coverage_end,
            "loading_percent": batch.loading_percent,
            "paid_instalments": issued.paid_instalments,
            "next_due_date": issued.next_due_date,
            "delivered_on": issued.delivered_on,
            "external_key": batch.external_key,
        },
    )


def _write_first_bills(issued: ContractColumns, business_date: date) -> None:
    paid = issued.paid_instalments > 0
    day = np.full(len(issued), np.datetime64(business_date, "D"))
    day[~paid] = np.datetime64("NaT")
    copy_rows(
        PremiumBill,
        {
            "contract": issued.contract_id,
            "instalment": np.ones(len(issued), np.int64),
            "due_date": issued.contract_date,
            "amount": issued.premium,
            "status": _words(paid, PremiumBill.Status.COLLECTED, PremiumBill.Status.DUE),
            "collected_on": day,
            "channel": _words(paid, "INITIAL", ""),
        },
    )


def _write_first_reserves(issued: ContractColumns, reserved: Reserved) -> None:
    copy_rows(
        LiabilityReserve,
        {
            "contract": issued.contract_id,
            "base_date": issued.contract_date,
            "occasion": LiabilityReserve.Occasion.ISSUE.value,
            "reserve_amount": reserved.amount,
            "movement": reserved.amount,
            "basis": reserved.basis,
            "elapsed_months": reserved.elapsed,
        },
    )


def _tell(
    batch: NewContracts,
    versions: Versions,
    issued: ContractColumns,
    reserved: Reserved,
    business_date: date,
) -> None:
    publish(
        ContractsIssued(
            business_date=business_date,
            contract_id=issued.contract_id,
            product_code=issued.product_code,
            version=versions.version,
            line=issued.line,
            measurement=versions.measurement,
            agent_id=issued.agent_id,
            customer_id=issued.customer_id,
            contract_date=issued.contract_date,
            cohort_year=issued.cohort_year,
            premium=issued.premium,
            sum_assured=issued.sum_assured,
            insurance_age=issued.insurance_age,
            sex=issued.sex,
            term_months=issued.term_months,
            pay_months=issued.pay_months,
            received=batch.received,
            reserve=reserved.amount,
            application_id=batch.application_id,
        )
    )
    unpaid = issued.take(issued.paid_instalments == 0)
    if len(unpaid):
        publish(
            PremiumsBilled(
                business_date=business_date,
                contract_id=unpaid.contract_id,
                instalment=np.ones(len(unpaid), np.int64),
                line=unpaid.line,
                cohort_year=unpaid.cohort_year,
                due_date=unpaid.contract_date,
                amount=unpaid.premium,
            )
        )
