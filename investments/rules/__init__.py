"""The engine of investments: pure functions over arrays and frozen values.

==============  ==================================================================================
module          what it answers
==============  ==================================================================================
``bonds``       a portfolio of bonds in won: payments, yields, accrued interest, amortised cost
``interest``    one bond in won, with its payments in words
``effective``   any flows: effective rate with fees, schedule, revised estimates, dated flows
``yields``      one bond by whole periods: price, yield, duration, convexity
``days``        day counts, days of payment
``duration``    duration, convexity and key rates of a portfolio
``returns``     time-weighted and money-weighted returns
``credit``      stages and expected credit losses
``gap``         cash and duration of assets against liabilities
``limits``      limits of 보험업법 §106
``lots``        what a sale takes of several purchases
==============  ==================================================================================

Worked by hand in ``docs/engines/returns.md``.
"""

from . import (
    bonds,
    credit,
    days,
    duration,
    effective,
    gap,
    interest,
    limits,
    lots,
    returns,
    yields,
)

__all__ = [
    "bonds",
    "credit",
    "days",
    "duration",
    "effective",
    "gap",
    "interest",
    "limits",
    "lots",
    "returns",
    "yields",
]
