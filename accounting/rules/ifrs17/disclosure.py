"""The tables of the notes: by LRC/LIC, by component, revenue by source, profit or loss.

Every table is component → step → (groups,) and foots; groups are summed by ``arrays.total`` or by
whoever prints.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, Steps, Table, floats
from accounting.rules.ifrs17.ceded import CededResult
from accounting.rules.ifrs17.lic import ClaimsResult
from accounting.rules.ifrs17.margin import run_off
from accounting.rules.ifrs17.paa import AllocationResult
from accounting.rules.ifrs17.records import Result
from accounting.rules.ifrs17.reinsurance import HeldResult

LIABILITIES = (
    "OPENING",
    "NEW",
    "CASH_IN",
    "REVENUE",
    "EXPENSE",
    "ACQUISITION",
    "INVESTMENT",
    "FINANCE",
    "CASH_OUT",
    "CLOSING",
)
ASSETS = (
    "OPENING",
    "PREMIUMS",
    "ALLOCATION",
    "INCOME",
    "FIXED",
    "FINANCE",
    "NON_PERFORMANCE",
    "RECEIVED",
    "CLOSING",
)
COMPONENTS = (
    "OPENING",
    "NEW",
    "CASH_IN",
    "FINANCE",
    "FUTURE",
    "CURRENT",
    "PAST",
    "CASH_OUT",
    "CLOSING",
)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """Profit or loss and other comprehensive income, (groups,) each; income positive.

    Args:
        revenue: insurance revenue.
        expense: insurance service expenses, negative.
        service_result: their sum.
        finance: insurance finance income or expense in profit or loss.
        profit: service result and finance.
        oci: the rest of finance.
        comprehensive: profit and oci.
    """

    revenue: Floats
    expense: Floats
    service_result: Floats
    finance: Floats
    profit: Floats
    oci: Floats
    comprehensive: Floats


def by_liability(coverage: Result | AllocationResult, incurred: ClaimsResult) -> Table:
    """Return LRC without loss component, LC, LIC and TOTAL (100).

    Args:
        coverage: a period of either model.
        incurred: incurred claims of the same period; investment components that leave the LRC
            must have become payable in it.

    Source: IFRS 17.100, .103, .105; Illustrative Example 3.
    """
    lic = incurred.components["TOTAL"]
    table: Table = {
        "LRC": coverage.coverage["LRC"],
        "LC": coverage.coverage["LC"],
        "LIC": {
            "OPENING": lic["OPENING"],
            "EXPENSE": lic["INCURRED"] + lic["PAST"],
            "INVESTMENT": lic["INVESTMENT"],
            "FINANCE": lic["FINANCE"],
            "CASH_OUT": lic["CASH_OUT"],
            "CLOSING": lic["CLOSING"],
        },
    }
    return _whole(table, LIABILITIES)


def by_asset(held: HeldResult | CededResult, incurred: ClaimsResult) -> Table:
    """Return reinsurance held: ARC without recovery of losses, LR, AIC and TOTAL, assets negative.

    Args:
        held: a period of either model.
        incurred: recoveries of incurred claims, amounts positive as for claims: what has become
            due (INCURRED), its later changes, and what was received (CASH_OUT).

    Source: IFRS 17.98, .100, .103, .105 adapted to reinsurance held; .86.
    """
    due = incurred.components["TOTAL"]
    table: Table = {
        **held.coverage,
        "AIC": {
            "OPENING": -due["OPENING"],
            "INCOME": -(due["INCURRED"] + due["PAST"]),
            "FIXED": -due["INVESTMENT"],
            "FINANCE": -due["FINANCE"],
            "RECEIVED": -due["CASH_OUT"],
            "CLOSING": -due["CLOSING"],
        },
    }
    return _whole(table, ASSETS)


def by_component(coverage: Result, incurred: ClaimsResult) -> Table:
    """Return PVFCF, RA, CSM and TOTAL of both liabilities together (101).

    Claims move from one liability to the other within PVFCF; what is left is cash and the variance
    from what was expected.

    Args:
        coverage: a period of the general model or the variable fee approach.
        incurred: incurred claims of the same period.

    Source: IFRS 17.101, .104, .105; Illustrative Example 2.
    """
    lrc, lic = coverage.components, incurred.components

    def pair(name: str, inner: Steps) -> Steps:
        own = dict(lrc[name])
        own["OPENING"] = own["OPENING"] + inner["OPENING"]
        own["FINANCE"] = own["FINANCE"] + inner["FINANCE"]
        own["PAST"] = inner["PAST"]
        own["CURRENT"] = own["CURRENT"] + (inner["INCURRED"] if name == "RA" else 0.0)
        own["CASH_OUT"] = inner["CASH_OUT"]
        own["CLOSING"] = own["CLOSING"] + inner["CLOSING"]
        return own

    table: Table = {
        "PVFCF": pair("PVFCF", lic["PV"]),
        "RA": pair("RA", lic["RA"]),
        "CSM": lrc["CSM"],
    }
    return _whole(table, COMPONENTS)


def by_requirement(coverage: Result, incurred: ClaimsResult) -> Table:
    """Return the reconciliation by component in the very lines that the standard asks for (104).

    ESTIMATES_MARGIN are changes that adjust the margin (no income), ESTIMATES_LOSS losses on
    groups of onerous contracts and their reversals, NEW contracts of the period (future service);
    MARGIN and RISK are what the period released, EXPERIENCE what it differed by (current service);
    PAST service; FINANCE; CASH_IN and CASH_OUT.

    Args:
        coverage: a period of the general model or the variable fee approach.
        incurred: incurred claims of the same period.

    Source: IFRS 17.104(a)–(c), .105.
    """
    merged = by_component(coverage, incurred)
    net = coverage.loss["LOSS"] + coverage.loss["REVERSAL"]
    nothing = np.zeros_like(net)
    table: Table = {}
    for name in ("PVFCF", "RA", "CSM"):
        own = merged[name]
        lost = net if name == "PVFCF" else nothing
        table[name] = {
            "OPENING": own["OPENING"],
            "ESTIMATES_MARGIN": own["FUTURE"] - lost,
            "ESTIMATES_LOSS": lost,
            "NEW": own["NEW"],
            "MARGIN": own["CURRENT"] if name == "CSM" else nothing,
            "RISK": own["CURRENT"] if name == "RA" else nothing,
            "EXPERIENCE": own["CURRENT"] if name == "PVFCF" else nothing,
            "PAST": own["PAST"],
            "FINANCE": own["FINANCE"],
            "CASH_IN": own["CASH_IN"],
            "CASH_OUT": own["CASH_OUT"],
            "CLOSING": own["CLOSING"],
        }
    table["TOTAL"] = {s: np.sum([t[s] for t in table.values()], 0) for s in table["PVFCF"]}
    return table


def statement(
    coverage: Result | AllocationResult, incurred: ClaimsResult, *, oci: ArrayLike = 0.0
) -> Statement:
    """Return profit or loss of a period.

    Args:
        coverage: a period of either model; incurred claims are taken from ``incurred`` alone.
        incurred: incurred claims of the period.
        oci: finance expense that goes to other comprehensive income, see ``finance``.

    Source: IFRS 17.80–88.
    """
    revenue = _sum(coverage.revenue)
    losses = {k: v for k, v in coverage.expense.items() if k != "CLAIMS"}
    expense = -(_sum(losses) + _sum(incurred.expense))
    total = -(_sum(coverage.finance) + incurred.finance)
    outside = -floats(oci, "oci")
    inside = total - outside
    return Statement(
        revenue=revenue,
        expense=expense,
        service_result=revenue + expense,
        finance=inside,
        profit=revenue + expense + inside,
        oci=np.broadcast_to(outside, total.shape).copy(),
        comprehensive=revenue + expense + total,
    )


def translate(table: Table, *, opening: ArrayLike, average: ArrayLike, closing: ArrayLike) -> Table:
    """Translate a roll-forward into another currency, with its exchange difference as a step.

    The whole group, margin included, is a monetary item (30).

    Args:
        table: component → step → amounts in the group's currency.
        opening: rate at the period start.
        average: rate of the period's movements.
        closing: rate at the period end.

    Returns:
        The same steps and EXCHANGE before CLOSING; they foot.

    Source: IFRS 17.30, 44(d); IAS 21.
    """
    first, middle, last = floats(opening, "rate"), floats(average, "rate"), floats(closing, "rate")
    result: Table = {}
    for name, steps in table.items():
        moved = {
            step: values * (first if step == "OPENING" else middle)
            for step, values in steps.items()
            if step != "CLOSING"
        }
        end = steps["CLOSING"] * last
        result[name] = {**moved, "EXCHANGE": end - _sum(moved), "CLOSING": end}
    return result


def expected_recognition(
    csm: ArrayLike, coverage_units: ArrayLike, bands: ArrayLike, rates: ArrayLike = 0.0
) -> Floats:
    """Return when the margin is expected in profit or loss, by time band (109).

    Args:
        csm: margin today, one number.
        coverage_units: (periods,) expected.
        bands: (bands,) number of periods in each band; the rest falls in the last.
        rates: locked-in rate by period.

    Returns:
        (bands,) amounts.

    Raises:
        NegativeUnits: coverage units below zero.

    Source: IFRS 17.109.
    """
    released = run_off(csm, coverage_units, rates)
    edges = np.cumsum(np.asarray(bands, np.int64))
    edges[-1] = max(int(edges[-1]), len(released))
    sums = np.concatenate(([0.0], np.cumsum(released)))
    return np.diff(sums[np.minimum(edges, len(released))], prepend=0.0)


def revenue_analysis(coverage: Result) -> Steps:
    """Return insurance revenue by source (106): what the loss component carries is not in it.

    Args:
        coverage: a period of the general model or the variable fee approach.

    Source: IFRS 17.106, B124.
    """
    return {**coverage.revenue, "TOTAL": _sum(coverage.revenue)}


def _whole(table: Table, steps: tuple[str, ...]) -> Table:
    groups = next(iter(table.values()))["CLOSING"].shape[0]
    result: Table = {
        name: {step: own.get(step, np.zeros(groups)) for step in steps}
        for name, own in table.items()
    }
    result["TOTAL"] = {step: np.sum([own[step] for own in result.values()], 0) for step in steps}
    return result


def _sum(steps: Steps | Floats) -> Floats:
    return np.sum(list(steps.values()), axis=0) if isinstance(steps, dict) else steps
