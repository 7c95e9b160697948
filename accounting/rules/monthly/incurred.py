"""The liability for incurred claims of a month end, and the expenses allocated to groups."""

from __future__ import annotations

import numpy as np

from accounting.rules.monthly.facts import Facts, Won, rolled
from accounting.rules.monthly.state import Claims, Measured, Opening
from accounting.rules.projection import Floats
from core.money import round_won_array


def unreported(claims: Floats, reported: Floats) -> Won:
    """Estimate claims incurred but not reported from expected claims and reporting delays.

    Args:
        claims: (months, groups) expected claims of this month (row 0) and the months before.
        reported: (months, groups) share reported by the end of this month, row by row.

    Returns:
        (groups,) won.

    Source: Bornhuetter–Ferguson with the expected claims as prior: Σ claims × (1 − reported).
    """
    return round_won_array((claims * (1.0 - reported)).sum(axis=0))


def present_value_of_payments(paid: tuple[float, ...], current: Floats) -> float:
    """Return what one won of incurred claims is worth, paid as a pattern says.

    Args:
        paid: cumulative share paid by the end of month 1, 2 …; what is left is paid after it.
        current: discount factors of the middle of each coming month, longer than ``paid``.
    """
    shares = np.diff(np.array([0.0, *paid, 1.0]))
    return float(shares @ current[: len(shares)])


def incurred(opening: Opening, claims: Claims) -> Measured:
    """Measure incurred claims: case reserves and IBNR, discounted, with a risk adjustment.

    Args:
        opening: balances of the run before.
        claims: what is known at the month end.

    Returns:
        Facts IBNR and LIC (by CASE, IBNR, DISCOUNT, RISK and in total); movements IBNR_MOVED,
        LIC_UNWOUND (interest, finance), LIC_DISCOUNTED and LIC_RISK (service). Case reserves are
        booked as claims are handled.

    Source: IFRS 17.40(b), .59(b), B92; undiscounted amounts less discount is present value.
    """
    undiscounted = claims.case + claims.ibnr
    discount = round_won_array(undiscounted * (1.0 - claims.factor))
    risk = round_won_array((undiscounted - discount) * claims.risk)
    before = opening.case + opening.ibnr - opening.discount
    unwind = round_won_array(before * claims.unwind)
    unwind = np.minimum(unwind, opening.discount)
    new_discount = discount - (opening.discount - unwind)
    facts: Facts = {}
    change = claims.ibnr - opening.ibnr
    rolled(facts, "IBNR", {"OPENING": opening.ibnr, "CHANGE": change})
    rolled(
        facts,
        "LIC",
        {"OPENING": opening.case, "CASE": claims.case - opening.case},
        amount_type="CASE",
    )
    rolled(facts, "LIC", {"OPENING": opening.ibnr, "CHANGE": change}, amount_type="IBNR")
    rolled(
        facts,
        "LIC",
        {"OPENING": opening.discount, "UNWIND": -unwind, "DISCOUNT": new_discount},
        amount_type="DISCOUNT",
    )
    moved = risk - opening.risk_incurred
    rolled(facts, "LIC", {"OPENING": opening.risk_incurred, "RISK": moved}, amount_type="RISK")
    rolled(
        facts,
        "LIC",
        {
            "OPENING": before + opening.risk_incurred,
            "CASE": claims.case - opening.case,
            "CHANGE": change,
            "UNWIND": unwind,
            "DISCOUNT": -new_discount,
            "RISK": moved,
        },
    )
    return Measured(
        facts,
        {
            "IBNR_MOVED": change,
            "LIC_UNWOUND": unwind,
            "LIC_DISCOUNTED": new_discount,
            "LIC_RISK": moved,
        },
    )


def allocated(opening: Opening, costs: Won) -> Measured:
    """Book the month's expenses and pay those of the month before.

    Args:
        opening: expenses allocated by the run before.
        costs: (groups,) allocated for this month, won.

    Returns:
        Fact COST; movements EXPENSES_INCURRED and EXPENSES_PAID.

    Source: IFRS 17.B65(f), (l), B66(d): directly attributable maintenance, with an allocation of
    overheads by a systematic and rational method.
    """
    facts: Facts = {}
    rolled(facts, "COST", {"OPENING": opening.cost, "INCURRED": costs, "PAID": -opening.cost})
    return Measured(facts, {"EXPENSES_INCURRED": costs, "EXPENSES_PAID": opening.cost})
