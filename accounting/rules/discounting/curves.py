"""Curves read by month: discount factors, spot rates and forward rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike

from .instruments import BadCurve, Floats


class Curve(Protocol):
    """Anything that says what 1 paid in t years is worth today."""

    def discount(self, t: ArrayLike) -> Floats:
        """Return the price today of 1 paid in t years, (…,) as t."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Monthly:
    """A curve by month, month m ending m/12 years from today.

    Args:
        discount: (months + 1,) price of 1 paid at the end of month m; ``discount[0]`` is 1.
        spot: (months + 1,) annual effective spot rate; ``spot[0]`` is that of the first month.
        forward: (months,) annual effective forward rate from the end of month m to that of m + 1.
    """

    discount: Floats
    spot: Floats
    forward: Floats

    def __len__(self) -> int:
        return len(self.forward)

    @property
    def forward_monthly(self) -> Floats:
        """Forward rate of each month for that month, (months,)."""
        return self.discount[:-1] / self.discount[1:] - 1.0


@dataclass(frozen=True, slots=True)
class Flat:
    """One annual effective rate for all times."""

    rate: float

    def discount(self, t: ArrayLike) -> Floats:
        """Return (1 + i)^−t."""
        return (1.0 + self.rate) ** -np.asarray(t, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class SpotByYear:
    """Spot rates that hold through a year: a time in year k (from 0) takes the rate of k.

    Args:
        rates: (years,) annual effective; the last one stays.
    """

    rates: Floats

    def discount(self, t: ArrayLike) -> Floats:
        """Return (1 + r[⌊t⌋])^−t."""
        years = np.asarray(t, np.float64)
        row = np.minimum(np.floor(years + 1e-9).astype(np.int64), len(self.rates) - 1)
        return (1.0 + np.asarray(self.rates, np.float64)[row]) ** -years


def by_month(curve: Curve, months: int) -> Monthly:
    """Read a curve at month ends.

    Args:
        curve: any curve.
        months: how many months, at least 1.

    Raises:
        BadCurve: no month asked for, or a discount factor that is not positive.
    """
    if months < 1:
        raise BadCurve(_("A curve by month needs at least one month."))
    years = np.arange(months + 1) / 12.0
    price = curve.discount(years)
    if not np.all(np.isfinite(price)) or np.any(price <= 0):
        raise BadCurve(_("Discount factors must be positive numbers."))
    forward = (price[:-1] / price[1:]) ** 12 - 1.0
    spot = np.empty(months + 1)
    spot[0] = forward[0]
    spot[1:] = price[1:] ** (-1.0 / years[1:]) - 1.0
    return Monthly(discount=price, spot=spot, forward=forward)
