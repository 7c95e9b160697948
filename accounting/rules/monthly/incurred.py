"""The liability for incurred claims of a month end, and the expenses allocated to groups."""

from __future__ import annotations

import numpy as np

from accounting.rules.assumptions import BENKTANDER, BF, CHAIN
from accounting.rules.ifrs17 import ibnr, lic
from accounting.rules.ifrs17.discount import Timing
from accounting.rules.ifrs17.errors import BadMeasurement
from accounting.rules.monthly.facts import Fact, Facts, Won, rolled
from accounting.rules.monthly.state import Claims, Measured, Opening
from accounting.rules.projection import Floats
from core.money import round_won_array

_MANY = 1_000_000_000.0
"""The factor to ultimate of a development in which nothing is reported yet."""


def unreported(
    expected: Floats, triangle: Floats, reported: Floats, method: str
) -> tuple[Floats, str]:
    """Estimate claims of a portfolio that are incurred but not reported.

    Args:
        expected: (months, groups) expected claims by month of accident, oldest first.
        triangle: (months, months) cumulative claims reported of the portfolio, NaN in the future.
        reported: (months,) share reported by development.
        method: BF, BENKTANDER, CAPE_COD (the prior is scaled by what has emerged) or CHAIN.

    Returns:
        (months, groups) won, a month's estimate split by expected claims; and the method used:
        BF where nothing has emerged that another method could lean on.

    Source: Bornhuetter and Ferguson (1972); Benktander (1976); Bühlmann and Straub (1983).
    """
    pattern = np.where(reported > 1.0 / _MANY, 1.0 / np.maximum(reported, 1.0 / _MANY), _MANY)
    prior = expected.sum(axis=1)
    estimate, used = _estimated(triangle, prior, pattern, method)
    whole = np.where(prior > 0, prior, 1.0)
    weight = np.where(prior[:, None] > 0, expected / whole[:, None], _weights(expected))
    return estimate[:, None] * weight, used


def _weights(expected: Floats) -> Floats:
    """Return each group's part of a month that expected nothing: as of all months, or alike."""
    total = expected.sum()
    groups = expected.shape[1]
    parts = expected.sum(axis=0) / total if total > 0 else np.full(groups, 1.0 / groups)
    return np.broadcast_to(parts, expected.shape)


def _estimated(triangle: Floats, prior: Floats, pattern: Floats, method: str) -> tuple[Floats, str]:
    plain = ibnr.bornhuetter_ferguson(triangle, prior, 1.0, pattern=pattern)
    if np.nansum(triangle) <= 0 or method == BF:
        return plain.ibnr, BF
    if method == CHAIN:
        return plain.latest * (1.0 / plain.developed - 1.0), method
    if method == BENKTANDER:
        return ibnr.benktander(triangle, prior, 1.0, pattern=pattern).ibnr, method
    try:
        found, _ratio = ibnr.cape_cod(triangle, prior, pattern=pattern)
    except BadMeasurement:
        return plain.ibnr, BF
    return found.ibnr, method


def present_value_of_payments(paid: tuple[float, ...], rates: Floats) -> float:
    """Return what one won of incurred claims is worth, paid as a pattern says.

    Args:
        paid: cumulative share paid by the end of month 1, 2 …; what is left is paid after it.
        rates: forward rates of the coming months, one flat rate or more than ``paid``.

    Source: IFRS 17.36, .40(b); payments fall in the middle of their months.
    """
    shares = np.diff(np.array([0.0, *paid, 1.0]))
    return float(lic.value(shares, rates, timing=Timing.MIDDLE).pv[0])


def incurred(opening: Opening, claims: Claims) -> Measured:
    """Measure incurred claims: case reserves and IBNR, discounted, with a risk adjustment.

    Args:
        opening: balances of the run before.
        claims: what is known at the month end.

    Returns:
        Facts IBNR and LIC (by CASE, IBNR, DISCOUNT (also at locked-in rates), RISK and in total);
        movements IBNR_MOVED, LIC_UNWOUND (interest), LIC_RATES_PL and LIC_RATES_OCI (changed
        discount rates), LIC_DISCOUNTED and LIC_RISK (service). Case reserves are booked as claims
        are handled.

    Source: IFRS 17.40(b), .42, .87–.89, .103(b), B92, B131. With finance in OCI, interest at the
    rate locked in is profit or loss, and OCI holds what current rates differ by.
    """
    facts: Facts = {}
    ibnr_now = claims.ibnr_month + claims.ibnr_earlier
    _undiscounted(facts, opening, claims)
    current, locked = _discounts(opening, claims, ibnr_now)
    unwind = np.where(claims.oci, locked["UNWIND"], current["UNWIND"])
    oci = (locked["CLOSING"] - opening.discount_locked) - (current["CLOSING"] - opening.discount)
    rates = np.where(claims.oci, oci, current["RATES"])
    service = current["CLOSING"] - opening.discount + unwind + rates
    rolled(
        facts,
        "LIC",
        {"OPENING": opening.discount, "UNWIND": -unwind, "RATES": -rates, "DISCOUNT": service},
        amount_type="DISCOUNT",
    )
    kept = locked["CLOSING"] - opening.discount_locked + locked["UNWIND"]
    rolled(
        facts,
        "LIC",
        {"OPENING": opening.discount_locked, "UNWIND": -locked["UNWIND"], "DISCOUNT": kept},
        amount_type="DISCOUNT",
        basis="L",
    )
    risk = round_won_array((claims.case + ibnr_now - current["CLOSING"]) * claims.risk)
    moved = risk - opening.risk_incurred
    rolled(facts, "LIC", {"OPENING": opening.risk_incurred, "RISK": moved}, amount_type="RISK")
    _total(facts, opening, claims, {"UNWIND": unwind, "RATES": rates}, service, moved)
    return Measured(
        facts,
        {
            "IBNR_MOVED": ibnr_now - opening.ibnr,
            "LIC_UNWOUND": unwind,
            "LIC_RATES_PL": np.where(claims.oci, 0, rates),
            "LIC_RATES_OCI": np.where(claims.oci, rates, 0),
            "LIC_DISCOUNTED": service,
            "LIC_RISK": moved,
        },
    )


def _undiscounted(facts: Facts, opening: Opening, claims: Claims) -> None:
    """Add case reserves and IBNR: of this month's accidents, and changes of earlier ones."""
    steps = {
        "OPENING": opening.ibnr,
        "ACCIDENTS": claims.ibnr_month,
        "EARLIER": claims.ibnr_earlier - opening.ibnr,
    }
    rolled(facts, "IBNR", steps)
    rolled(facts, "LIC", steps, amount_type="IBNR")
    case = {"OPENING": opening.case, "CASE": claims.case - opening.case}
    rolled(facts, "LIC", case, amount_type="CASE")


def _discounts(
    opening: Opening, claims: Claims, ibnr_now: Won
) -> tuple[dict[str, Won], dict[str, Won]]:
    """Return interest, effect of changed rates and closing discount: current, and locked in."""
    before = opening.case + opening.ibnr
    now = claims.case + ibnr_now
    unwind = _within(opening.unwind, opening.discount)
    current = {
        "UNWIND": unwind,
        "RATES": opening.discount - round_won_array(before * (1.0 - claims.factor)),
        "CLOSING": round_won_array(now * (1.0 - claims.factor)),
    }
    interest = round_won_array((before - opening.discount_locked) * claims.interest_locked)
    locked = {
        "UNWIND": _within(interest, opening.discount_locked),
        "CLOSING": round_won_array(now * (1.0 - claims.factor_locked)),
    }
    return current, locked


def _within(interest: Won, discount: Won) -> Won:
    """Return interest, which takes no more back than there is of discount."""
    return np.where(
        discount >= 0, np.clip(interest, 0, discount), np.clip(interest, discount, 0)
    ).astype(np.int64)


def _total(
    facts: Facts,
    opening: Opening,
    claims: Claims,
    finance: dict[str, Won],
    service: Won,
    risk: Won,
) -> None:
    """Add the liability as the engine moves it, and what the next month's interest will be."""
    case = claims.case - opening.case
    earlier = claims.ibnr_earlier - opening.ibnr
    result = lic.roll_claims(
        lic.claims(
            len(case),
            pv=opening.case + opening.ibnr - opening.discount,
            ra=opening.risk_incurred,
        ),
        lic.ClaimsPeriod(
            incurred=claims.ibnr_month,
            past=case + earlier - service,
            past_ra=risk,
            finance=finance["UNWIND"] + finance["RATES"],
        ),
    )
    rolled(
        facts,
        "LIC",
        {
            "OPENING": round_won_array(result.components["TOTAL"]["OPENING"]),
            "CASE": case,
            "ACCIDENTS": round_won_array(result.expense["INCURRED"]),
            "EARLIER": earlier,
            **finance,
            "DISCOUNT": -service,
            "RISK": risk,
        },
    )
    facts[Fact("EXPECTED", "LIC_INTEREST", "N", "COMING")] = round_won_array(
        result.closing.pv * claims.interest
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
