"""Policy reserves at month ends and at the end of contracts, set-based."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
from django.db import transaction

from contracts.events import ReservesMoved
from contracts.models import Contract, LiabilityReserve
from contracts.selectors import ContractColumns, contract_columns, reserved_at_month_end
from core.bulk import copy_rows
from core.columns import Ints, Keys, Won
from core.events import publish

from .figures import reserves_of


@transaction.atomic
def reserve_at_month_end(contract_ids: Iterable[str], *, day: date) -> int:
    """Compute and keep the policy reserves of contracts in force at a month end, once.

    Args:
        contract_ids: up to 10,000 contracts; those that have a reserve of this month end, or are
            not in force, are left alone.
        day: the last calendar day of a month.

    Returns:
        How many reserves were computed.
    """
    contracts = contract_columns(contract_ids)
    contracts = contracts.take(contracts.status == Contract.Status.ACTIVE.value)
    done = reserved_at_month_end(contracts.contract_id, day)
    contracts = contracts.take(~np.isin(contracts.contract_id.astype(str), list(done)))
    if not len(contracts):
        return 0
    reserved = reserves_of(contracts, as_of=day)
    movement = reserved.amount - contracts.reserve
    copy_rows(
        LiabilityReserve,
        {
            "contract": contracts.contract_id,
            "base_date": np.full(len(contracts), np.datetime64(day, "D")),
            "occasion": LiabilityReserve.Occasion.MONTH_END.value,
            "reserve_amount": reserved.amount,
            "movement": movement,
            "basis": reserved.basis,
            "elapsed_months": reserved.elapsed,
        },
    )
    _tell(contracts, reserved.basis, reserved.amount, movement, day)
    return len(contracts)


def revive(contracts: ContractColumns, *, day: date) -> None:
    """Set the reserves of reinstated contracts up again (inside their transaction)."""
    reserved = reserves_of(contracts, as_of=day)
    movement = reserved.amount - contracts.reserve
    copy_rows(
        LiabilityReserve,
        {
            "contract": contracts.contract_id,
            "base_date": np.full(len(contracts), np.datetime64(day, "D")),
            "occasion": LiabilityReserve.Occasion.REVIVED.value,
            "reserve_amount": reserved.amount,
            "movement": movement,
            "basis": reserved.basis,
            "elapsed_months": reserved.elapsed,
        },
    )
    _tell(contracts, reserved.basis, reserved.amount, movement, day)


def release(contracts: ContractColumns, *, day: date, elapsed: Ints) -> None:
    """Bring the reserves of contracts that end on a day to zero (inside their transaction)."""
    nothing = np.zeros(len(contracts), np.int64)
    basis = _basis(contracts)
    copy_rows(
        LiabilityReserve,
        {
            "contract": contracts.contract_id,
            "base_date": np.full(len(contracts), np.datetime64(day, "D")),
            "occasion": LiabilityReserve.Occasion.ENDED.value,
            "reserve_amount": nothing,
            "movement": -contracts.reserve,
            "basis": basis,
            "elapsed_months": elapsed,
        },
    )
    _tell(contracts, basis, nothing, -contracts.reserve, day)


def _basis(contracts: ContractColumns) -> Keys:
    """Return the basis of the contracts' last reserve, which every contract has from its issue."""
    ids = contracts.contract_id.tolist()
    first = LiabilityReserve.objects.filter(
        contract_id__in=ids, occasion=LiabilityReserve.Occasion.ISSUE
    )
    found = dict(first.values_list("contract_id", "basis"))
    out = np.empty(len(ids), dtype=object)
    out[:] = [found[one] for one in ids]
    return out


def _tell(contracts: ContractColumns, basis: Keys, reserve: Won, movement: Won, day: date) -> None:
    rows = movement != 0
    if not rows.any():
        return
    publish(
        ReservesMoved(
            business_date=day,
            contract_id=contracts.contract_id[rows],
            line=contracts.line[rows],
            cohort_year=contracts.cohort_year[rows],
            basis=basis[rows],
            reserve=reserve[rows],
            movement=movement[rows],
        )
    )
