"""Commission, clawback, settlement and persistency: pure arithmetic on whole won and columns.

Rates travel as whole numbers so that no binary fraction touches money: a rate in hundredths of a
percent (``250.00 %`` = 25,000), an agent's factor in hundredths (``1.05`` = 105), a share in
hundredths of a percent (10,000 is the whole contract). Worked examples: docs/engines/commission.md.
"""

from sales.rules.advances import granted, redeemed
from sales.rules.arbitrage import Arbitrage, arbitrage
from sales.rules.earning import (
    BadShares,
    Divided,
    Earned,
    Parts,
    commission,
    cut,
    divided,
    room_of,
)
from sales.rules.hierarchy import (
    CircularHierarchy,
    Overrides,
    Post,
    nearest,
    overrides,
    servicer,
    superiors,
)
from sales.rules.persistency import MILESTONES, persistency, persistency_by
from sales.rules.plans import (
    ANY,
    FIRST_YEAR,
    Advance,
    ClawbackTable,
    Override,
    Plan,
    Scheme,
    clawback_of,
    plan_of,
    scheme_of,
)
from sales.rules.recovery import (
    CLAWBACK_KINDS,
    IN_FORCE,
    Recovered,
    TakenBack,
    clawback,
    recovery,
)
from sales.rules.regimes import Model, Problem, Regime, first_year, problems, regime_of
from sales.rules.rounding import FACTOR, PERCENT, UnusableRule, half_up, hundredths, shared_out
from sales.rules.selling import Seller, bar_to_sell
from sales.rules.settlement import Settled, settle

__all__ = [
    "ANY",
    "CLAWBACK_KINDS",
    "FACTOR",
    "FIRST_YEAR",
    "IN_FORCE",
    "MILESTONES",
    "PERCENT",
    "Advance",
    "Arbitrage",
    "BadShares",
    "CircularHierarchy",
    "ClawbackTable",
    "Divided",
    "Earned",
    "Model",
    "Override",
    "Overrides",
    "Parts",
    "Plan",
    "Post",
    "Problem",
    "Recovered",
    "Regime",
    "Scheme",
    "Seller",
    "Settled",
    "TakenBack",
    "UnusableRule",
    "arbitrage",
    "bar_to_sell",
    "clawback",
    "clawback_of",
    "commission",
    "cut",
    "divided",
    "first_year",
    "granted",
    "half_up",
    "hundredths",
    "nearest",
    "overrides",
    "persistency",
    "persistency_by",
    "plan_of",
    "problems",
    "recovery",
    "redeemed",
    "regime_of",
    "room_of",
    "scheme_of",
    "servicer",
    "settle",
    "shared_out",
    "superiors",
]
