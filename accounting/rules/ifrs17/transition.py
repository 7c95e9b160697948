"""Transition: margin or loss component where full retrospection is impracticable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, series, share, units
from accounting.rules.ifrs17.discount import factors
from accounting.rules.ifrs17.errors import BadMeasurement
from accounting.rules.ifrs17.margin import released_share


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """A group at the transition date, 0-d each.

    Args:
        initial_fcf: fulfilment cash flows as they are taken to have been at recognition.
        initial_csm: margin then, ≥ 0.
        initial_loss: loss then, ≥ 0.
        accreted: interest on the margin up to transition.
        released: margin recognised before transition.
        csm: margin at transition, ≥ 0.
        lc: loss component at transition, ≥ 0.
    """

    initial_fcf: Floats
    initial_csm: Floats
    initial_loss: Floats
    accreted: Floats
    released: Floats
    csm: Floats
    lc: Floats


def initial_cash_flows(
    past: ArrayLike,
    future: ArrayLike,
    rates: ArrayLike,
) -> Floats:
    """Return the present value at recognition from flows that occurred and flows still expected.

    Args:
        past: (years,) net cash flows known to have occurred since recognition, at recognition
            itself first, outflow positive.
        future: (years,) net cash flows expected after transition, at the ends of the years that
            follow; the first falls one year after the last of ``past``.
        rates: observable or derived curve as at recognition, one number or forward rates.

    Source: IFRS 17.C12–C13.
    """
    flows = np.concatenate(
        [np.atleast_1d(floats(past, "past")), np.atleast_1d(floats(future, "future"))]
    )
    return np.asarray(flows @ factors(rates, len(flows) - 1))


def modified_retrospective(
    *,
    fcf: ArrayLike,
    past_flows: ArrayLike,
    discounting: ArrayLike = 0.0,
    ra: ArrayLike,
    ra_released: ArrayLike = 0.0,
    units_provided: ArrayLike,
    units_future: ArrayLike,
    accretion: ArrayLike = 0.0,
    loss_allocated: ArrayLike = 0.0,
) -> Transition:
    """Determine margin or loss component without direct participation features.

    Args:
        fcf: estimate of future cash flows at transition (or an earlier date), without risk
            adjustment, outflow positive.
        past_flows: net cash flows between recognition and that date, outflow positive: a premium
            received is negative.
        discounting: what discounting at rates as at recognition adds to their sum (signed), see
            ``initial_cash_flows`` for the exact way.
        ra: risk adjustment at transition.
        ra_released: what is expected to have been released before.
        units_provided: coverage units before transition.
        units_future: those remaining; without units on either side the service is over.
        accretion: interest on the margin from recognition to transition, per unit of margin
            ((1 + i)^years − 1).
        loss_allocated: share of a loss component allocated before transition (C16).

    Returns:
        csm = initial × (1 + accretion) × remaining ÷ all coverage units.

    Raises:
        NegativeUnits: coverage units below zero.

    Source: IFRS 17.C11–C16; Illustrative Example 17.
    """
    flows = floats(fcf, "fcf") + floats(past_flows, "past flows") + floats(discounting, "effect")
    initial = flows + floats(ra, "ra") + floats(ra_released, "ra released")
    csm, loss = np.maximum(-initial, 0.0), np.maximum(initial, 0.0)
    accreted = csm * floats(accretion, "accretion")
    released = (csm + accreted) * released_share(units_provided, units_future)
    return Transition(
        initial_fcf=initial,
        initial_csm=csm,
        initial_loss=loss,
        accreted=accreted,
        released=released,
        csm=csm + accreted - released,
        lc=loss * (1.0 - floats(loss_allocated, "loss allocated")),
    )


def margin_at_transition(
    initial_csm: float, coverage_units: ArrayLike, rates: ArrayLike, years: int
) -> float:
    """Accrete and release a margin year by year up to transition.

    Args:
        initial_csm: margin at recognition.
        coverage_units: (n,) of every year of cover.
        rates: locked-in rate, one number or (n,).
        years: years from recognition to transition; nothing is left when all cover is over.

    Raises:
        BadMeasurement: fewer than no years.
        NegativeUnits, LengthMismatch: see ``arrays``.

    Source: IFRS 17.C15.
    """
    expected = units(coverage_units)
    interest = series(rates, len(expected), "rates")
    if years < 0:
        raise BadMeasurement("Transition does not come before recognition.")
    left = initial_csm if years <= len(expected) else 0.0
    for k in range(min(years, len(expected))):
        left *= 1.0 + interest[k]
        left *= 1.0 - float(released_share(expected[k], expected[k + 1 :].sum()))
    return left


def modified_retrospective_fee(
    *,
    underlying: ArrayLike,
    fcf: ArrayLike,
    charges: ArrayLike = 0.0,
    paid: ArrayLike = 0.0,
    ra_released: ArrayLike = 0.0,
    acquisition: ArrayLike = 0.0,
    units_provided: ArrayLike = 0.0,
    units_future: ArrayLike = 1.0,
) -> Transition:
    """Determine margin or loss component with direct participation features.

    Args:
        underlying: fair value of the underlying items at transition.
        fcf: fulfilment cash flows at transition, risk adjustment in.
        charges: charged to policyholders before, deductions from underlying items included.
        paid: paid before that would not have varied with the underlying items.
        ra_released: release from risk before.
        acquisition: acquisition cash flows paid before that are allocated to the group.
        units_provided: coverage units before transition.
        units_future: those remaining; without units on either side the service is over.

    Returns:
        Total margin for all service = underlying − fcf + charges − paid − ra released −
        acquisition; the part of service already provided is taken off. A negative total leaves
        neither margin nor loss component: the loss component is set to nil (C17(e)).

    Raises:
        NegativeUnits: coverage units below zero.

    Source: IFRS 17.C17; Illustrative Example 18.
    """
    whole = (
        floats(underlying, "underlying")
        - floats(fcf, "fcf")
        + floats(charges, "charges")
        - floats(paid, "paid")
        - floats(ra_released, "ra released")
        - floats(acquisition, "acquisition")
    )
    csm, loss = np.maximum(whole, 0.0), np.maximum(-whole, 0.0)
    released = csm * released_share(units_provided, units_future)
    return Transition(
        initial_fcf=-whole,
        initial_csm=csm,
        initial_loss=loss,
        accreted=np.zeros_like(csm),
        released=released,
        csm=csm - released,
        lc=np.zeros_like(loss),
    )


def loss_recovery(lc: ArrayLike, recovered: ArrayLike, *, known: bool = True) -> Floats:
    """Return the loss-recovery component of reinsurance held at transition.

    Args:
        lc: loss component of the underlying contracts at transition that the reinsurance covers.
        recovered: share of their claims expected to be recovered.
        known: which underlying contracts are covered can be told; else there is none (C16C).

    Source: IFRS 17.C16A–C16C, C20A.
    """
    found = floats(lc, "loss component") * share(recovered, "recovered")
    return found if known else np.zeros_like(found)


def by_fair_value(
    fair_value: ArrayLike, fcf: ArrayLike, *, reinsurance: bool = False
) -> tuple[Floats, Floats]:
    """Return margin and loss component as fair value less fulfilment cash flows.

    Args:
        fair_value: of the group at transition (IFRS 13, without the demand-deposit floor),
            liability positive.
        fcf: fulfilment cash flows at transition.
        reinsurance: reinsurance held: the margin takes either sign.

    Source: IFRS 17.C20–C20B.
    """
    gain = floats(fair_value, "fair value") - floats(fcf, "fcf")
    if reinsurance:
        return gain, np.zeros_like(gain)
    return np.maximum(gain, 0.0), np.maximum(-gain, 0.0)


def opening_oci(
    current: ArrayLike,
    at_locked_rates: ArrayLike | None = None,
    *,
    underlying_accumulated: ArrayLike | None = None,
) -> Floats:
    """Return finance expense accumulated in OCI at transition.

    Args:
        current: fulfilment cash flows at current rates.
        at_locked_rates: the same at rates as at recognition where they can be determined; None:
            accumulated OCI is nil.
        underlying_accumulated: for contracts with direct participation features and underlying
            items held: what the items have accumulated in OCI; the liability mirrors it.

    Source: IFRS 17.C18(b), C19(b), C24(b)–(c).
    """
    value = floats(current, "current")
    if underlying_accumulated is not None:
        return floats(underlying_accumulated, "underlying items") + np.zeros_like(value)
    if at_locked_rates is None:
        return np.zeros_like(value)
    return value - floats(at_locked_rates, "locked")
