"""What later stages may ask of investments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection

from .models import Asset
from .rules import gap as rules
from .selectors import (
    Holdings,
    cash_by_month,
    debts,
    holdings,
    income_by_month,
    monthly_returns,
    sensitivities,
)
from .selectors.performance import FUND

__all__ = [
    "AssetFact",
    "Gap",
    "Holdings",
    "Portfolio",
    "assets",
    "invariants",
    "portfolio",
    "result",
]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The investments at the end of a day, won.

    Args:
        on: the day.
        total: carrying amounts with accrued interest.
        by_type: carrying amounts by kind of asset, without accrued interest.
        by_classification: the same by measurement.
        accrued: interest earned and not yet paid.
        holdings: one row an asset.
    """

    on: date
    total: int
    by_type: dict[str, int]
    by_classification: dict[str, int]
    accrued: int
    holdings: Holdings


@dataclass(frozen=True, slots=True)
class AssetFact:
    """One asset as it is now."""

    asset_id: str
    asset_name: str
    asset_type: str
    classification: str
    issuer: str
    status: str
    current_value: int


def portfolio(on: date) -> Portfolio:
    """Return what was held at the end of a day."""
    held = holdings(on)
    return Portfolio(
        on=on,
        total=held.total,
        by_type=held.by("asset_type"),
        by_classification=held.by("classification"),
        accrued=int(held.accrued.sum()),
        holdings=held,
    )


def assets(asset_ids: Iterable[str]) -> dict[str, AssetFact]:
    """Return assets by number; unknown numbers are left out."""
    found = Asset.objects.filter(asset_id__in=list(asset_ids)).values_list(
        "asset_id", "asset_name", "asset_type", "classification", "issuer", "status",
        "current_value",
    )  # fmt: skip
    return {row[0]: AssetFact(*row[:6], int(row[6])) for row in found}


def result(first: date, last: date) -> dict[str, int]:
    """Return what investments earned between two days (inclusive) by kind of return, won."""
    sums: dict[str, int] = {}
    for month in income_by_month(first=first, last=last).values():
        for kind, amount in month.items():
            sums[kind] = sums.get(kind, 0) + amount
    return sums


def cash_flows(on: date) -> dict[str, int]:
    """Return what held bonds and loans bring after a day by month (``YYYY-MM``), won."""
    return cash_by_month(on, held=holdings(on))


def durations(on: date) -> tuple[int, float]:
    """Return the value of held bonds and loans, won, and their modified duration in years."""
    found = debts(on, held=holdings(on))
    whole = sensitivities(found).together()
    return round(float(whole.value[0])), float(whole.modified[0])


@dataclass(frozen=True, slots=True)
class GapRow:
    """Cash of one bucket of years ahead, won."""

    label: str
    assets: int
    liabilities: int
    gap: int
    cumulative: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Assets against liabilities.

    Args:
        rows: cash by bucket.
        rate: at which both sides are worth what they are: the yield of bonds and loans.
        assets: value and duration of the bonds' and loans' cash.
        liabilities: of the liabilities' cash.
        years: the duration gap.
    """

    rows: list[GapRow]
    rate: float
    assets: rules.Present
    liabilities: rules.Present
    years: float


def gap(on: date, *, liabilities: Mapping[int, int]) -> Gap:
    """Compare the cash of held bonds and loans with that of liabilities.

    Args:
        on: after this day; month 1 is the next month.
        liabilities: month ahead → won that goes out, net.
    """
    held = holdings(on)
    found = debts(on, held=held)
    whole = sensitivities(found)
    value = whole.value
    rate = float(value @ found.rate / value.sum()) if value.sum() else 0.0
    start = np.datetime64(on, "M").astype(int)
    brought = cash_by_month(on, held=held)
    ahead = [np.datetime64(month, "M").astype(int) - start for month in brought]
    asset_month = np.maximum(np.asarray(ahead, dtype=np.int64), 1)
    asset_cash = np.asarray(list(brought.values()), dtype=np.int64)
    month = np.asarray(list(liabilities), dtype=np.int64)
    cash = np.asarray(list(liabilities.values()), dtype=np.int64)
    made = rules.buckets(asset_month, asset_cash, month, cash)
    ends = [edge // 12 for edge in rules.EDGES]
    labels = [f"{a}–{b}" for a, b in zip([0, *ends], ends, strict=False)] + [f"{ends[-1]}+"]
    ours = rules.present(asset_month, asset_cash, rate=rate)
    theirs = rules.present(month, cash, rate=rate)
    return Gap(
        [
            GapRow(label, int(a), int(b), int(c), int(d))
            for label, a, b, c, d in zip(
                labels, made.assets, made.liabilities, made.gap, made.cumulative, strict=True
            )
        ],
        rate,
        ours,
        theirs,
        rules.duration_gap(ours, theirs),
    )


def fund_return(first: date, last: date) -> float:
    """Return the time-weighted return of all investments over the months of two days."""
    return monthly_returns(first=first, last=last).total(FUND)


def invariants() -> list[tuple[str, int, str]]:
    """Return (name, breaches, first keys) of what must always hold here."""
    out = []
    for name, sql in _INVARIANTS.items():
        keys = _first_column(sql)
        out.append((name, len(keys), ", ".join(keys[:5])))
    return out


_INVARIANTS = {
    "each asset's value is its price and its changes": """
        SELECT a.asset_id FROM investment_assets a
        LEFT JOIN (SELECT asset_id, sum(carrying_change) s FROM asset_returns GROUP BY 1) r
            ON r.asset_id = a.asset_id
        WHERE a.status IN ('HELD', 'SOLD', 'LOST')
            AND a.current_value <> a.purchase_price + coalesce(r.s, 0)
    """,
    "accrued interest is what was earned and not paid": """
        SELECT a.asset_id FROM investment_assets a
        LEFT JOIN (
            SELECT asset_id, sum(return_amount + suspended - carrying_change) s FROM asset_returns
            WHERE kind = 'INTEREST' GROUP BY 1
        ) r ON r.asset_id = a.asset_id
        LEFT JOIN (SELECT asset_id, sum(amount) s FROM asset_interest_receipts GROUP BY 1) c
            ON c.asset_id = a.asset_id
        LEFT JOIN asset_write_offs w ON w.asset_id = a.asset_id AND w.status = 'BOOKED'
        WHERE a.accrued_interest <> a.bought_interest + coalesce(r.s, 0) - coalesce(c.s, 0)
            - coalesce(w.interest, 0)
    """,
    "each asset has its purchases": """
        SELECT a.asset_id FROM investment_assets a
        LEFT JOIN (
            SELECT asset_id, sum(amount) s, min(trade_date) d FROM asset_trades
            WHERE side = 'BUY' GROUP BY 1
        ) t ON t.asset_id = a.asset_id
        WHERE a.status IN ('HELD', 'SOLD', 'LOST')
            AND (t.s IS NULL OR t.s <> a.purchase_price OR t.d <> a.purchase_date)
    """,
    "each sale explains its gain": """
        SELECT coalesce(t.asset_id, r.asset_id) FROM (
            SELECT asset_id, trade_date, amount - carrying AS gain FROM asset_trades
            WHERE side = 'SELL'
        ) t FULL JOIN (
            SELECT asset_id, record_date, return_amount FROM asset_returns
            WHERE kind = 'DISPOSAL'
        ) r ON r.asset_id = t.asset_id AND r.record_date = t.trade_date
        WHERE t.gain IS DISTINCT FROM r.return_amount
    """,
    "an asset that was sold owes nothing and has no allowance": """
        SELECT a.asset_id FROM investment_assets a
        WHERE a.status IN ('SOLD') AND (
            a.accrued_interest <> 0 OR a.allowance <> 0 OR a.cost_held <> 0
            OR NOT EXISTS (
                SELECT 1 FROM asset_trades t WHERE t.asset_id = a.asset_id AND t.side = 'SELL'
            )
        )
    """,
    "an asset that was written off left by two people, and nothing of it is left": """
        SELECT a.asset_id FROM investment_assets a
        LEFT JOIN asset_write_offs w ON w.asset_id = a.asset_id AND w.status = 'BOOKED'
        WHERE (a.status IN ('LOST')) <> (w.id IS NOT NULL)
            OR (a.status IN ('LOST') AND (a.current_value <> 0 OR a.accrued_interest <> 0
                OR a.allowance <> 0 OR a.cost_held <> 0 OR w.booked_on <> a.sold_on))
    """,
    "lots hold what the shares hold": """
        SELECT a.asset_id FROM investment_assets a
        LEFT JOIN (
            SELECT asset_id, sum(quantity_left) q, sum(cost_left) c FROM asset_lots GROUP BY 1
        ) l ON l.asset_id = a.asset_id
        WHERE a.asset_type = 'STOCK' AND a.status IN ('HELD')
            AND (l.q IS DISTINCT FROM a.quantity OR l.c IS DISTINCT FROM a.cost_held)
    """,
    "the allowance is what was measured": """
        SELECT a.asset_id FROM investment_assets a
        LEFT JOIN (SELECT asset_id, sum(movement) s FROM asset_credit_losses GROUP BY 1) c
            ON c.asset_id = a.asset_id
        WHERE a.allowance <> coalesce(c.s, 0)
    """,
    "no asset is held a week after its maturity": """
        SELECT a.asset_id FROM investment_assets a, core_business_clock c
        WHERE a.status IN ('HELD') AND a.maturity_date < c.today - 7
    """,
}


def _first_column(sql: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [str(row[0]) for row in cursor.fetchall()]
