"""Analysis of change: facts of a run by step × novelty × amount type × estimate × basis.

``value_steps`` walks projected flows through a period, ``technical_margin`` runs margin and loss
component step by step with switching, ``loss_recovery`` follows an underlying group in reinsurance
held, ``deferral`` amortises acquisition cash flows, ``release_factor`` gives the coverage-unit
share; ``ends`` and ``check`` close the facts. ``run_group`` does all of it for one group in one
period. ``order`` says whether experience or assumptions come first (``AFTER_CASH``: assumptions).
"""

from accounting.rules.ifrs17.aoc.cashflows import (
    Projected,
    Updates,
    interest,
    monthly,
    premium_experience,
    release_factor,
    value_steps,
)
from accounting.rules.ifrs17.aoc.group import (
    Contracts,
    GroupFacts,
    GroupPeriod,
    recover_group,
    run_group,
)
from accounting.rules.ifrs17.aoc.margin import (
    Move,
    Opening,
    deferral,
    loss_recovery,
    margin_facts,
    technical_margin,
)
from accounting.rules.ifrs17.aoc.steps import (
    AFTER_CASH,
    Basis,
    Estimate,
    Fact,
    Novelty,
    Step,
    by_step,
    check,
    ends,
)

__all__ = [
    "AFTER_CASH",
    "Basis",
    "Contracts",
    "Estimate",
    "Fact",
    "GroupFacts",
    "GroupPeriod",
    "Move",
    "Novelty",
    "Opening",
    "Projected",
    "Step",
    "Updates",
    "by_step",
    "check",
    "deferral",
    "ends",
    "interest",
    "loss_recovery",
    "margin_facts",
    "monthly",
    "premium_experience",
    "recover_group",
    "release_factor",
    "run_group",
    "technical_margin",
    "value_steps",
]
