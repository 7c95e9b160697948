"""Risk adjustment for non-financial risk: confidence level, cost of capital, diversification.

Compensation for bearing the uncertainty of amount and timing: positive, on top of the present
value. For reinsurance held it is what the gross and the net differ by.

``by_confidence`` and ``by_tail`` (TVaR, CTE) take a shape, ``by_samples`` simulations,
``by_scenarios`` outcomes with probabilities, ``by_cost_of_capital`` capital; ``confidence_of``
tells the level to be disclosed (119); ``diversify`` and ``by_group`` aggregate and split.
"""

from accounting.rules.ifrs17.risk.capital import CapitalCost, by_cost_of_capital, run_off
from accounting.rules.ifrs17.risk.outcomes import by_samples, by_scenarios
from accounting.rules.ifrs17.risk.shapes import (
    Distribution,
    by_confidence,
    by_tail,
    confidence_of,
    quantile,
)
from accounting.rules.ifrs17.risk.sharing import by_group, ceded, correlation_matrix, diversify

__all__ = [
    "CapitalCost",
    "Distribution",
    "by_confidence",
    "by_cost_of_capital",
    "by_group",
    "by_samples",
    "by_scenarios",
    "by_tail",
    "ceded",
    "confidence_of",
    "correlation_matrix",
    "diversify",
    "quantile",
    "run_off",
]
