"""Account of one contract on a monthly grid: premiums monthly in advance, deaths at month end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from products.rules.basis import Floats
from products.rules.commutation import BadRates


@dataclass(frozen=True)
class MonthlyAccount:
    """Net premium account of one contract, per won of sum assured.

    Attributes:
        premium: level net premium of a month.
        value: (months + 1,) account at the end of each month, prospectively.
    """

    premium: float
    value: Floats


def monthly_rates(q: ArrayLike) -> Floats:
    """Turn annual into monthly probabilities.

    Args:
        q: (years,) annual probability by policy year.

    Returns:
        (12 × years,) 1 − (1 − q)^(1/12); a certain death is spread evenly over its year,
        1/(12 − j) in month j.
    """
    month, given = np.arange(12), np.asarray(q, np.float64)
    usual = 1.0 - (1.0 - given[:, None]) ** (1.0 / 12.0)
    certain = np.broadcast_to(1.0 / (12.0 - month), (len(given), 12))
    return np.where(
        given[:, None] >= 1.0, certain, np.broadcast_to(usual, (len(given), 12))
    ).ravel()


def account(
    q: ArrayLike,
    *,
    interest: float,
    pay_months: int,
    death: ArrayLike = 1.0,
    maturity: float = 0.0,
    survival: ArrayLike | None = None,
) -> MonthlyAccount:
    """Compute the monthly net premium and account of a contract.

    Args:
        q: (years,) annual probability by policy year, to the end of cover.
        interest: annual effective rate.
        pay_months: months in which premiums are paid.
        death: benefit at the end of the month of death, one number or (years,) by policy year.
        maturity: paid at the end of cover to those then alive.
        survival: (12 × years,) paid at the start of each month to those alive; none where left
            out. An annuity in payment is this alone.

    Raises:
        BadRates: no month of premiums, rates that are no probabilities, or interest of −100 % or
            less.

    Returns:
        The account; prospective and retrospective values agree. It stands before the premium and
        the payment of the day.

    Source: V_{d+1} = ((V_d − s_d + P)(1 + j) − q_m S) / (1 − q_m), j = (1 + i)^(1/12) − 1.
    """
    rates = np.asarray(q, np.float64)
    if pay_months < 1 or not interest > -1 or not np.all((rates >= 0) & (rates <= 1)):
        msg = "a premium is paid in at least one month, interest is above -1, rates from 0 to 1."
        raise BadRates(msg)
    qm = monthly_rates(rates)
    months = len(qm)
    v = (1.0 + interest) ** (-np.arange(months + 1) / 12.0)
    lives = np.concatenate([[1.0], np.cumprod(1.0 - qm)])
    d = lives * v
    sums = np.repeat(np.broadcast_to(np.asarray(death, np.float64), rates.shape), 12)
    paid = lives[:-1] * qm * v[1:] * sums
    if survival is not None:
        paid = paid + d[:-1] * np.asarray(survival, np.float64)
    ahead = np.cumsum(np.append(paid, d[-1] * maturity)[::-1])[::-1]
    due = np.where(np.arange(months + 1) < pay_months, d, 0.0)
    due[-1] = 0.0
    annuity = np.cumsum(due[::-1])[::-1]
    premium = float(ahead[0] / annuity[0])
    value = np.divide(ahead - premium * annuity, d, out=np.zeros_like(d), where=d > 0)
    value[0] = 0.0
    return MonthlyAccount(premium=premium, value=value)
