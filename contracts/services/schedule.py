"""The schedule of a contract: premium, reserve and surrender value as it grows older."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from contracts import rules
from contracts.selectors import contract_columns
from core.errors import NotFound
from products import api as products

from .figures import reserves_of, surrender_values_of


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """What stands after so many months if every premium due by then is paid; won.

    Args:
        month: completed months since the contract date.
        day: the day on which they are completed; the premium of that day is not yet counted.
        premiums: sum of the premiums paid.
        reserve: policy reserve.
        deduction: acquisition cost not yet written off.
        value: what a surrender on that day pays.
    """

    month: int
    day: date
    premiums: int
    reserve: int
    deduction: int
    value: int

    @property
    def ratio(self) -> float | None:
        """Surrender value as a share of the premiums paid (환급률), None where none is paid."""
        return self.value / self.premiums if self.premiums else None


def schedule_of(contract_id: str) -> list[ScheduleRow]:
    """Return the schedule of a contract, from the figures by which it will be paid.

    Raises:
        NotFound: there is no such contract.
    """
    found = contract_columns([contract_id])
    if not len(found):
        raise NotFound(contract_id)
    sold = products.version_by_id(int(found.version_id[0]))
    month = products.schedule_months(
        sold.product_code,
        sold.version,
        sex=str(found.sex[0]),
        age=int(found.insurance_age[0]),
        term_months=int(found.term_months[0]),
    )
    rows = found.take(np.zeros(len(month), np.int64))
    monthly = rows.frequency == rules.MONTHLY
    paid = np.where(monthly, np.minimum(month, rows.total), 1)
    older = replace(rows, paid_instalments=paid, premiums_paid=paid * rows.premium)
    day = rules.months_later(rows.contract_date, month)
    held = reserves_of(older, as_of=day)
    value = surrender_values_of(older, as_of=day)
    return [
        ScheduleRow(*row)
        for row in zip(
            month.tolist(),
            day.tolist(),
            older.premiums_paid.tolist(),
            held.amount.tolist(),
            value.deduction.tolist(),
            value.refund.tolist(),
            strict=True,
        )
    ]
