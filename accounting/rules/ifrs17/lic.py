"""Liability for incurred claims: what has happened and is not paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, Steps, Table, closed, column, floats
from accounting.rules.ifrs17.discount import Timing, present_value
from accounting.rules.ifrs17.errors import BadShare
from accounting.rules.ifrs17.ibnr import mack
from accounting.rules.ifrs17.risk import Distribution, by_confidence


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """A liability for incurred claims, (groups,) each.

    Args:
        pv: present value of what is still to be paid, reported or not.
        ra: risk adjustment.
    """

    pv: Floats
    ra: Floats

    @property
    def total(self) -> Floats:
        """The carrying amount."""
        return self.pv + self.ra


@dataclass(frozen=True, slots=True, eq=False)
class ClaimsPeriod:
    """What happened to incurred claims in a period, (groups,) or one number each.

    Args:
        incurred, incurred_ra: claims and expenses incurred in the period, and their risk.
        investment: investment components that have become payable: neither revenue nor expense.
        past, past_ra: signed; changes that relate to service of the past.
        finance, finance_ra: signed; interest and changes of discount rates.
        paid: paid in the period.
        recovered: salvage and subrogation received.
    """

    incurred: ArrayLike = 0.0
    incurred_ra: ArrayLike = 0.0
    investment: ArrayLike = 0.0
    past: ArrayLike = 0.0
    past_ra: ArrayLike = 0.0
    finance: ArrayLike = 0.0
    finance_ra: ArrayLike = 0.0
    paid: ArrayLike = 0.0
    recovered: ArrayLike = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class ClaimsResult:
    """A period of incurred claims.

    Args:
        components: PV, RA and TOTAL by step OPENING, INCURRED, INVESTMENT, PAST, FINANCE, CASH_OUT,
            CLOSING.
        expense: INCURRED and PAST, insurance service expense positive.
        finance: insurance finance expense positive.
        closing: balances for the next period.
    """

    components: Table
    expense: Steps
    finance: Floats
    closing: Claims


def claims(groups: int = 1, *, pv: ArrayLike = 0.0, ra: ArrayLike = 0.0) -> Claims:
    """Make a balance of incurred claims; what is not given is 0.

    Args:
        groups: how many.
        pv: (groups,) or one number, present value of what is still to be paid.
        ra: (groups,) or one number, risk adjustment.

    Raises:
        LengthMismatch: a column fits neither one nor all groups.
    """
    return Claims(column(pv, groups, "pv"), column(ra, groups, "ra"))


def value(
    payments: ArrayLike,
    rates: ArrayLike = 0.0,
    *,
    ra: ArrayLike = 0.0,
    timing: Timing = Timing.MIDDLE,
    expense_ratio: float = 0.0,
) -> Claims:
    """Value incurred claims from the payments expected, (periods,) or (periods, groups).

    Args:
        payments: of reported claims and IBNR, for example ``ibnr.Developed.payments``.
        rates: current rates by period; 0 where claims are paid within a year and are not
            discounted (59(b)).
        ra: risk adjustment, a share of the present value where it is a function of it is the
            caller's.
        timing: where in the period payments fall.
        expense_ratio: claims handling expenses per unit of payment.

    Raises:
        BadRate, CurveTooShort: see ``discount``.
        BadShare: the expense ratio is below zero.

    Source: IFRS 17.40(b), .33–37, .59(b), B65(f).
    """
    if expense_ratio < 0:
        raise BadShare("Claims handling expenses are not negative.")
    amounts = np.atleast_1d(floats(payments, "payments")) * (1.0 + expense_ratio)
    pv = np.atleast_1d(present_value(amounts, rates, timing=timing))
    return Claims(pv, column(ra, len(pv), "ra"))


def value_triangle(
    paid: ArrayLike,
    rates: ArrayLike = 0.0,
    *,
    level: float,
    distribution: Distribution = Distribution.LOGNORMAL,
    excluded: ArrayLike | None = None,
    tail: float = 1.0,
    expense_ratio: float = 0.0,
) -> Claims:
    """Value incurred claims from a triangle of payments, risk adjustment from Mack's error.

    Args:
        paid: (origins, developments) cumulative payments; reported and unreported claims that are
            not paid are what the chain ladder adds.
        rates: current rates by development period.
        level: confidence level of the risk adjustment.
        distribution: shape of the outcome.
        excluded: links left out.
        tail: factor after the last development.
        expense_ratio: claims handling expenses per unit of payment.

    Returns:
        One value: present value, and the adjustment that lets it suffice with the probability
        ``level``.

    Raises:
        BadTriangle, BadShare, BadRate, CurveTooShort: see ``ibnr``, ``risk`` and ``discount``.

    Source: IFRS 17.33–37, .40(b), B91; Mack (1993).
    """
    found = mack(paid, excluded=excluded, tail=tail)
    claims_only = value(found.developed.payments(), rates, expense_ratio=expense_ratio)
    if found.developed.total <= 0:
        return claims_only
    deviation = claims_only.pv * found.total / found.developed.total
    return Claims(claims_only.pv, by_confidence(claims_only.pv, deviation, level, distribution))


def roll_claims(opening: Claims, period: ClaimsPeriod) -> ClaimsResult:
    """Move incurred claims through a period.

    Args:
        opening: balances at the period start, (groups,).
        period: what happened.

    Raises:
        LengthMismatch: a column fits neither one nor all groups.

    Source: IFRS 17.42, .103(b), .104(b)(iii) (changes that relate to past service), .105.
    """
    groups = len(opening.pv)
    names = ("OPENING", "INCURRED", "INVESTMENT", "PAST", "FINANCE", "CASH_OUT")
    outgo = floats(period.recovered, "recovered") - floats(period.paid, "paid")
    pv = (opening.pv, period.incurred, period.investment, period.past, period.finance, outgo)
    ra = (opening.ra, period.incurred_ra, 0.0, period.past_ra, period.finance_ra, 0.0)
    components: Table = {
        "PV": closed(dict(zip(names, pv, strict=True)), groups),
        "RA": closed(dict(zip(names, ra, strict=True)), groups),
    }
    components["TOTAL"] = {s: v + components["RA"][s] for s, v in components["PV"].items()}
    whole = components["TOTAL"]
    return ClaimsResult(
        components,
        {"INCURRED": whole["INCURRED"], "PAST": whole["PAST"]},
        whole["FINANCE"],
        Claims(components["PV"]["CLOSING"], components["RA"]["CLOSING"]),
    )
