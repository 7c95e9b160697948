"""Discount curves: instruments, the Smith-Wilson fit, the Korean curve, rates by month."""

from .curves import Flat, Monthly, SpotByYear, by_month
from .instruments import (
    BadCurve,
    Instruments,
    bonds,
    par_swaps,
    treasury_yields,
    zero_prices,
    zero_rates,
)
from .korea import KoreanCurve, Parameters, korean_curve
from .smith_wilson import (
    Convergence,
    NotConverging,
    SmithWilson,
    converge,
    fit,
    gap,
    wilson,
    with_premium,
)

__all__ = [
    "BadCurve",
    "Convergence",
    "Flat",
    "Instruments",
    "KoreanCurve",
    "Monthly",
    "NotConverging",
    "Parameters",
    "SmithWilson",
    "SpotByYear",
    "bonds",
    "by_month",
    "converge",
    "fit",
    "gap",
    "korean_curve",
    "par_swaps",
    "treasury_yields",
    "wilson",
    "with_premium",
    "zero_prices",
    "zero_rates",
]
