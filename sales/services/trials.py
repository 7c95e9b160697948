"""Trying a plan: on contracts of every offered term, month by month; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction

from core.columns import Ints, Won
from products import api as products
from sales import rules
from sales.selectors import catalogue

AGE = 40
"""Insurance age of the model contracts: the reference age of 감독규정 (male, 40)."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Where something could be gained by ending a contract, won."""

    pay_months: int
    month: int
    kept: int
    value: int
    premiums: int


@dataclass(frozen=True, slots=True)
class Curve:
    """One model contract month by month, won; for the board."""

    term_months: int
    pay_months: int
    premium: int
    premiums: list[int]
    kept: list[int]
    value: list[int]


@dataclass(frozen=True, slots=True)
class Trial:
    """What a plan does to model contracts."""

    problems: list[rules.Problem]
    breaches: list[Breach]
    curves: list[Curve]
    worst_first_year: float

    def stored(self) -> dict[str, Any]:
        """Return what is kept with the plan."""
        return {
            "first_year_percent": self.worst_first_year,
            "models": [
                {
                    "term": c.term_months,
                    "pay": c.pay_months,
                    "premium": c.premium,
                    "premiums": c.premiums,
                    "kept": c.kept,
                    "value": c.value,
                }
                for c in self.curves
            ],
        }


def trial(product_code: str, scheme: rules.Scheme, regime: rules.Regime, on: date) -> Trial:
    """Try a plan on model contracts of a product.

    Args:
        product_code: the product, in the version that is sold on the cohort's first day.
        scheme: the plan.
        regime: of its cohort.
        on: first contract date of the cohort.

    Raises:
        products.api.NotOnSale, core.errors.NotFound: it is not sold then, or does not exist.
    """
    version = products.sellable(product_code, on).version
    models = list(_models(product_code, version))
    if not models:
        return Trial(rules.problems(scheme, regime, _empty()), [], [], _worst(scheme, regime))
    model = rules.Model(
        premium=np.asarray([one["premium"] for one in models], np.int64),
        cost=np.asarray([one["cost"] for one in models], np.int64),
        pay_months=np.asarray([one["pay_months"] for one in models], np.int64),
    )
    curves, breaches = [], []
    for one in models:
        value = _values(product_code, version, one)
        tier, rank = _dearest(scheme)
        found = rules.arbitrage(
            premium=_one(one["premium"]),
            pay_months=_one(one["pay_months"]),
            value=value[None, :],
            scheme=scheme,
            factor=_one(rules.FACTOR),
            tier=_one(tier),
            rank=_one(rank),
            months=_tested(scheme, regime),
        )
        curves.append(
            Curve(
                term_months=one["term_months"],
                pay_months=one["pay_months"],
                premium=one["premium"],
                premiums=found.premiums[0].tolist(),
                kept=found.kept[0].tolist(),
                value=found.value[0].tolist(),
            )
        )
        breaches += [
            Breach(
                pay_months=one["pay_months"],
                month=int(month),
                kept=int(found.kept[row, month - 1]),
                value=int(found.value[row, month - 1]),
                premiums=int(found.premiums[row, month - 1]),
            )
            for row, month in found.breaches
        ]
    return Trial(rules.problems(scheme, regime, model), breaches, curves, _worst(scheme, regime))


def _dearest(scheme: rules.Scheme) -> tuple[int, int]:
    """Return the tier and rank that earn most."""
    total = scheme.rates.sum(axis=2)
    tier, rank = np.unravel_index(int(total.argmax()), total.shape)
    return int(tier), int(rank)


def _tested(scheme: rules.Scheme, regime: rules.Regime) -> int:
    """Return over how many months the test runs: while the plan pays or takes back anything.

    Later on only the time value of the contract moves: a whole-life policy is one day worth more
    than its premiums, whatever its seller got.
    """
    paying = int(np.flatnonzero(scheme.rates.any(axis=(0, 1))).max(initial=0))
    taking = int(scheme.clawback.last[-1]) if len(scheme.clawback.last) else 0
    months = max(paying, taking)
    return months if regime.arbitrage_months is None else min(months, regime.arbitrage_months)


def _worst(scheme: rules.Scheme, regime: rules.Regime) -> float:
    kinds = frozenset().union(*regime.counts.values())
    return float(rules.first_year(scheme, kinds).max()) / 100


def _empty() -> rules.Model:
    none = np.empty(0, np.int64)
    return rules.Model(premium=none, cost=none, pay_months=none)


def _one(value: int) -> Ints:
    return np.asarray([value], np.int64)


def _models(product_code: str, version: int) -> Iterator[dict[str, int]]:
    """Price one contract of each offered term for a man of forty; terms that refuse him are left.

    Pricing keeps its trace in the caller's transaction; here it is rolled back.
    """
    small, large, step = catalogue.sums(product_code, version)
    wanted = min(large, max(small, 100_000_000)) // step * step
    for term, pay in catalogue.plans(product_code, version):
        columns = catalogue.rating_columns(
            age=_one(AGE),
            sex=np.asarray(["M"], dtype=object),
            term_months=_one(term),
            pay_months=_one(pay),
            sum_assured=_one(wanted),
            job_class=_one(1),
            asked=catalogue.questions(product_code, version),
            answers=[{}],
        )
        if catalogue.refusals(product_code, version, columns):
            continue
        with transaction.atomic():
            premium, _rating = catalogue.rate(product_code, version, columns)
            transaction.set_rollback(True)
        model = {
            "term_months": term,
            "pay_months": pay or term,
            "premium": int(premium[0]),
            "sum_assured": wanted,
        }
        first = products.surrender_values(
            product_code, version, _columns(model, np.asarray([0])), as_of=_base(0)
        )
        yield model | {"cost": int(first.deduction[0])}


def _values(product_code: str, version: int, model: dict[str, int]) -> Won:
    """Return the surrender value of a model contract after each month of its payment, (months,)."""
    months = np.arange(1, model["pay_months"] + 1)
    columns = _columns(model, months)
    found = products.surrender_values(product_code, version, columns, as_of=columns["day"])
    return np.asarray(found.refund, np.int64)


_START = np.datetime64("2026-01-01", "D")


def _base(month: int) -> Any:
    return (_START.astype("datetime64[M]") + month).astype("datetime64[D]")


def _columns(model: dict[str, int], months: Ints) -> dict[str, Any]:
    count = len(months)
    start = _START.astype("datetime64[M]") + months - 1
    return {
        "sex": np.asarray(["M"] * count, dtype=object),
        "age": np.full(count, AGE),
        "term_months": np.full(count, model["term_months"]),
        "pay_months": np.full(count, model["pay_months"]),
        "elapsed_months": months,
        "sum_assured": np.full(count, model["sum_assured"]),
        "premium": np.full(count, model["premium"]),
        "per_year": np.full(count, 12),
        "paid_months": np.maximum(months, 0),
        "period_start": start.astype("datetime64[D]"),
        "period_end": (start + 1).astype("datetime64[D]"),
        "day": (start + 1).astype("datetime64[D]") - 1,
    }
