"""What a version's rules say a batch of contracts is worth: policy reserve and surrender value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.columns import Won
from products.rules import reserve, rounding, surrender, unearned
from products.rules.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Reserves:
    """Policy reserves of a batch: (n,) won, and NET_PREMIUM or UNEARNED."""

    amounts: Won
    basis: str


@dataclass(frozen=True, slots=True)
class SurrenderValues:
    """Surrender values of a batch, all (n,) won: refund = max(0, reserve − deduction)."""

    reserve: Won
    deduction: Won
    refund: Won


def reserves(rules: RuleSet, columns: Mapping[str, Any], *, as_of: ArrayLike) -> Reserves:
    """Compute policy reserves at the end of a day, or of a day for each row.

    Args:
        rules: of the version.
        columns: life as for ``contracts``, optionally ``paid_months``; non-life ``premium`` paid
            for the period [``period_start``, ``period_end``).
        as_of: base date or (n,) base dates, for unearned premiums.
    """
    if rules.reserve_method == "NET_PREMIUM":
        paid = columns.get("paid_months")
        amounts = reserve.policy_reserve(rules.reserve_basis, contracts(columns), paid_months=paid)
        return Reserves(amounts, "NET_PREMIUM")
    return Reserves(_unearned(rules, columns, as_of), "UNEARNED")


def surrender_values(
    rules: RuleSet, columns: Mapping[str, Any], *, as_of: ArrayLike
) -> SurrenderValues:
    """Compute what is paid back on early termination: life less acquisition cost, else unearned.

    Args:
        rules: of the version.
        columns: as for ``reserves``.
        as_of: base date.
    """
    if rules.reserve_method != "NET_PREMIUM":
        held = _unearned(rules, columns, as_of)
        return SurrenderValues(held, np.zeros_like(held), held)
    basis, insured = rules.reserve_basis, contracts(columns)
    paid = columns.get("paid_months")
    owed = surrender.unamortised_cost(basis, insured, surrender=rules.surrender)
    return SurrenderValues(
        reserve=reserve.policy_reserve(basis, insured, paid_months=paid),
        deduction=rounding.whole(owed),
        refund=surrender.surrender_value(
            basis, insured, surrender=rules.surrender, paid_months=paid
        ),
    )


_CONTRACT = ("age", "term_months", "pay_months", "elapsed_months", "sum_assured")


def contracts(columns: Mapping[str, Any]) -> reserve.Contracts:
    """Return the life contracts of a batch as the reserve engine takes them.

    Args:
        columns: ``sex`` (M or F, or 0 and 1), ``age``, ``term_months``, ``pay_months``,
            ``elapsed_months``, ``sum_assured``; ``premium`` and ``per_year`` where they are known.
    """
    sex = np.asarray(columns["sex"])
    index = sex if sex.dtype.kind in "iu" else (sex == "F").astype(np.int64)
    wanted = [*_CONTRACT, *(name for name in ("premium", "per_year") if name in columns)]
    return reserve.Contracts.of(sex=index, **{name: columns[name] for name in wanted})


def _unearned(rules: RuleSet, columns: Mapping[str, Any], as_of: ArrayLike) -> NDArray[np.int64]:
    base = np.asarray(as_of, "datetime64[D]")
    start = np.asarray(columns["period_start"], "datetime64[D]")
    end = np.asarray(columns["period_end"], "datetime64[D]")
    if rules.reserve_method == "UNEARNED_DAILY":
        return unearned.daily(premium=columns["premium"], start=start, end=end, as_of=base)
    first, last = start.astype("datetime64[M]"), end.astype("datetime64[M]")
    now = base.astype("datetime64[M]")
    if rules.reserve_method == "UNEARNED_8":
        begun = first.astype(np.int64) // 3
        left = unearned.eighths(
            premium=columns["premium"],
            quarters=np.maximum(1, -(-(last - first).astype(np.int64) // 3)),
            quarter_ends_past=now.astype(np.int64) // 3 - begun,
        )
    else:
        left = unearned.twenty_fourths(
            premium=columns["premium"],
            months=np.maximum(1, (last - first).astype(np.int64)),
            month_ends_past=(now - first).astype(np.int64),
        )
    return np.where(base < end - np.timedelta64(1, "D"), left, 0)  # a period that is over
