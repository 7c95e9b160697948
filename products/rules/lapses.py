"""Lapse rates of products with low or no surrender values (무·저해지)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COMPLETION = 0.001
ULTIMATE = 0.008
BONUS_YEAR = 0.3


def log_linear(
    *,
    first: float,
    pay_years: int,
    years: int,
    completion: float = COMPLETION,
    ultimate: float = ULTIMATE,
    bonus_year: int = 0,
) -> Floats:
    """Compute annual lapse rates by policy year.

    Args:
        first: rate of the first policy year.
        pay_years: years of payment m.
        years: how many policy years.
        completion: rate of the last year in which premiums are paid.
        ultimate: rate of the years after.
        bonus_year: policy year (1 is the first) in which a bonus for staying falls due, 0 for
            none; at least 30 % leave then.

    Returns:
        (years,) w_y = w_1 (w_m / w_1)^((y − 1)/(m − 1)) up to year m, then the ultimate rate.

    Raises:
        ValueError: rates outside (0, 1] or no year of payment.

    Source: 금융위원회·금융감독원 무·저해지 보험 해지율 가정 원칙모형 (2024-11).
    """
    if not (0 < first <= 1 and 0 < completion <= 1 and 0 <= ultimate <= 1 and pay_years >= 1):
        msg = "Lapse rates lie between 0 and 1, and premiums are paid for at least one year."
        raise ValueError(msg)
    year = np.arange(1, years + 1)
    share = (np.minimum(year, pay_years) - 1) / max(1, pay_years - 1)
    start = completion if pay_years == 1 else first
    rates = np.where(year <= pay_years, start * (completion / start) ** share, ultimate)
    if bonus_year:
        rates = np.where(year == bonus_year, np.maximum(rates, BONUS_YEAR), rates)
    return rates
