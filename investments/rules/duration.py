"""How values move with interest: duration, convexity, key rates; cash of assets by bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.columns import Days, Ints

from .bonds import Payments
from .days import Floats, sum_by

KEY_YEARS = (1.0, 3.0, 5.0, 10.0, 20.0)
"""Maturities whose rates are moved one by one, in years."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How the worth of each bond moves with interest; columns of one row a bond.

    Args:
        value: worth of the payments to come, won.
        macaulay: mean years to the payments, weighted by their worth.
        modified: percent of value lost for one percent more of yearly interest.
        convexity: second derivative of the value, divided by it, in years squared.
        key_rates: (n, keys) percent of value lost for one percent more at one key maturity.
    """

    value: Floats
    macaulay: Floats
    modified: Floats
    convexity: Floats
    key_rates: NDArray[np.float64]

    def together(self) -> Sensitivity:
        """Return the same of all bonds as one, weighted by their values."""
        total = float(self.value.sum())
        weight = self.value / total if total else np.zeros(len(self.value))
        return Sensitivity(
            np.asarray([total]),
            np.asarray([weight @ self.macaulay]),
            np.asarray([weight @ self.modified]),
            np.asarray([weight @ self.convexity]),
            (weight @ self.key_rates)[None, :],
        )


def sensitivity(
    flows: Payments, *, on: Days, rate: Floats, keys: tuple[float, ...] = KEY_YEARS
) -> Sensitivity:
    """Return duration, convexity and key-rate durations of bonds at their yields.

    A key rate moves the rates around it: fully at its own maturity, less and less towards its
    neighbours, and all rates before the first and after the last key. So the key-rate durations
    add up to the modified duration.

    Args:
        flows: payments.
        on: (bonds,) days.
        rate: (bonds,) effective yearly rates.
        keys: key maturities in years, ascending.

    Source: Macaulay (1938); Ho, Key Rate Durations, Journal of Fixed Income 2 (1992).
    """
    years = (flows.day - on[flows.bond]).astype(np.int64) / 365.0
    due = years > 0
    bond, years = flows.bond[due], years[due]
    base = 1.0 + rate[bond]
    present = flows.amount[due] * base**-years

    def total(values: Floats) -> Floats:
        return sum_by(bond, values, flows.bonds)

    value = total(present)

    def ratio(values: Floats) -> Floats:
        return np.divide(total(values), value, out=np.zeros(flows.bonds), where=value > 0)

    macaulay = ratio(present * years)
    slope = present * years / base
    hats = key_weights(years, keys)
    by_key = [ratio(slope * hats[:, number]) for number in range(len(keys))]
    return Sensitivity(
        value=value,
        macaulay=macaulay,
        modified=ratio(slope),
        convexity=ratio(present * years * (years + 1.0) / base**2),
        key_rates=np.stack(by_key, axis=1),
    )


def key_weights(years: Floats, keys: tuple[float, ...]) -> NDArray[np.float64]:
    """Return (n, keys) how much the rate at each maturity moves with each key rate.

    Each row sums to 1: straight lines between neighbouring keys, flat outside.

    Args:
        years: (n,) maturities.
        keys: key maturities in years, ascending; a single one moves all rates.

    Raises:
        ValueError: no key, or keys that do not ascend.
    """
    points = np.asarray(keys, np.float64)
    if not len(points) or np.any(np.diff(points) <= 0):
        raise ValueError("Key maturities ascend, and there is one at least.")
    if len(points) == 1:
        return np.ones((len(years), 1))
    place = np.clip(np.searchsorted(points, years, side="right") - 1, 0, len(points) - 2)
    width = points[place + 1] - points[place]
    upper = np.clip((years - points[place]) / width, 0.0, 1.0)
    out = np.zeros((len(years), len(points)))
    rows = np.arange(len(years))
    out[rows, place] = 1.0 - upper
    out[rows, place + 1] = upper
    return out


def price_change(sensitivity: Sensitivity, shift: float) -> Floats:
    """Return the change of value for a parallel move of interest, by duration and convexity.

    Args:
        sensitivity: of bonds.
        shift: of the yearly rate, as a ratio (0.01: one percent).

    Returns:
        (n,) ratios of the value.
    """
    return -sensitivity.modified * shift + 0.5 * sensitivity.convexity * shift**2


def bucket_of(months: Ints, edges: tuple[int, ...]) -> Ints:
    """Return the number of the bucket of each month ahead.

    Args:
        months: (n,) whole months ahead, 0 for the running one.
        edges: last month of each bucket, ascending; later months are in one more bucket.
    """
    return np.searchsorted(np.asarray(edges), months, side="left")
