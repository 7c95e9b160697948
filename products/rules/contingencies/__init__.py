"""Life contingencies of any table, ultimate or select: insurances, annuities, premiums, variance.

Everything is read off one array: the annual probabilities q of a life from its age now on, by
years ahead, (…, years). The last column ends the table; where its q is 1 nobody is left. This is
the textbook's direct sum; commutation columns give the same and are quicker for a whole book.

``lives``: laws, select tables, survival to any moment, joint lives. ``values``: insurances and
annuities by years, by parts of years or without pause. ``policies``: premiums, reserves with and
without expenses, on any day, by Thiele's equation. ``decrements``: several causes of leaving.
Refusals are `BadLife`.
"""

from products.rules.contingencies.decrements import (
    Decrements,
    cause_insurance,
    dependent,
    independent,
    table,
)
from products.rules.contingencies.lives import (
    BadLife,
    Makeham,
    joint,
    last_survivor,
    select_path,
    survival,
    survival_at,
)
from products.rules.contingencies.policies import (
    Expenses,
    Policy,
    benefits,
    gross_premium,
    gross_reserves,
    net_premium,
    preliminary_term,
    reserve_between,
    reserves,
    thiele,
)
from products.rules.contingencies.values import (
    CONTINUOUS,
    annuity_due,
    annuity_immediate,
    endowment,
    increasing_annuity,
    increasing_insurance,
    insurance,
    loss_variance,
    pure_endowment,
    variance,
)

__all__ = [
    "CONTINUOUS",
    "BadLife",
    "Decrements",
    "Expenses",
    "Makeham",
    "Policy",
    "annuity_due",
    "annuity_immediate",
    "benefits",
    "cause_insurance",
    "dependent",
    "endowment",
    "gross_premium",
    "gross_reserves",
    "increasing_annuity",
    "increasing_insurance",
    "independent",
    "insurance",
    "joint",
    "last_survivor",
    "loss_variance",
    "net_premium",
    "preliminary_term",
    "pure_endowment",
    "reserve_between",
    "reserves",
    "select_path",
    "survival",
    "survival_at",
    "table",
    "thiele",
    "variance",
]
