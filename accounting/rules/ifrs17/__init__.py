"""IFRS 17 measurement: a pure engine over float64 columns, one row a group of contracts.

The map (every function names its paragraphs; worked by hand in ``docs/engines/ifrs17.md`` and, part
by part, in ``docs/engines/ifrs17-parts.md``; the question first: ``docs/engines/README.md``):

===================  ===============================================================================
module               what it answers
===================  ===============================================================================
``grouping``         portfolio × annual cohort × profitability, one currency a group (14–24)
``components``       what leaves the contract for other standards, what is only left out (10–13)
``discount``         factors, present values, forward and weighted locked-in rates (36, B72–B85)
``risk``             risk adjustment by confidence level, tail or cost of capital, sharing (37)
``initial``          recognition: fulfilment cash flows, margin or loss (32–38, 47)
``acquisition``      assets for acquisition cash flows: allocation, recovery, end (28A–28F)
``gmm.roll``         one period of many groups by the general model (40–46, 50–52, B96–B100);
                     inputs and outputs in ``records`` (``Balance``, ``Period``, ``Result``)
``plan.walk``        one group from recognition to its end, estimates revised on the way
``margin``           absorption, coverage-unit release, loss ratio, run-off of the margin
``discretion``       what an insurer's choice of crediting does to the margin (B98–B100)
``vfa.roll_fee``     variable fee approach on the same tables (45, B101–B118)
``paa``              premium allocation: eligibility, revenue, onerous test (53–59)
``lic``              incurred claims: value and roll-forward (40(b), 42)
``reinsurance``      reinsurance held: margin of either sign, loss recovery (60–70A)
``ceded``            reinsurance held by premium allocation (69–70A)
``finance``          finance expense in profit or loss or split with OCI (80–92, B128–B136)
``disclosure``       notes by LRC/LIC and by component, revenue by source, statement (80–109)
``acquired``         transfers and business combinations (39, B93–B95F)
``modification``     modified, ended and transferred contracts (72–77)
``transition``       modified retrospective and fair value approaches (C6–C24)
``aoc``              analysis of change: facts by step × novelty × amount type × estimate × basis
``ibnr``             triangles, chain ladder, Mack, one year, Munich, tails, Bornhuetter–Ferguson,
                     Benktander, Cape Cod
===================  ===============================================================================

A month of a general-model portfolio: ``grouping`` once at issue; each month ``discount`` and the
projection give present values, ``risk`` the adjustment, ``gmm.roll`` the tables, ``ibnr`` and
``lic`` incurred claims, ``finance`` the split, ``disclosure`` the notes.

Conventions: liabilities and outflows positive; revenue positive as income, expense and finance
positive as cost; tables are component → step → (groups,), steps foot (OPENING + others = CLOSING).
Money is float64 inside; whoever stores or posts it rounds by name. The engine knows no database, no
clock and no currency: a call is one currency.

Refusals are subclasses of ``errors.BadMeasurement`` (a ``ValueError``): callers name the group and
the input and turn them into refusals of their own.
"""

from accounting.rules.ifrs17 import (
    acquired,
    acquisition,
    aoc,
    ceded,
    components,
    disclosure,
    discount,
    discretion,
    errors,
    finance,
    grouping,
    ibnr,
    lic,
    modification,
    paa,
    reinsurance,
    risk,
    transition,
    vfa,
)
from accounting.rules.ifrs17.arrays import footing
from accounting.rules.ifrs17.errors import BadMeasurement
from accounting.rules.ifrs17.gmm import roll
from accounting.rules.ifrs17.initial import Recognition, recognise, recognise_flows
from accounting.rules.ifrs17.margin import (
    LossAllocation,
    absorb,
    coverage_units,
    loss_ratio,
    released_share,
    run_off,
)
from accounting.rules.ifrs17.plan import Actual, Plan, Revision, Walk, recognise_plan, walk
from accounting.rules.ifrs17.records import Balance, Period, Result, balance

__all__ = [
    "Actual",
    "BadMeasurement",
    "Balance",
    "LossAllocation",
    "Period",
    "Plan",
    "Recognition",
    "Result",
    "Revision",
    "Walk",
    "absorb",
    "acquired",
    "acquisition",
    "aoc",
    "balance",
    "ceded",
    "components",
    "coverage_units",
    "disclosure",
    "discount",
    "discretion",
    "errors",
    "finance",
    "footing",
    "grouping",
    "ibnr",
    "lic",
    "loss_ratio",
    "modification",
    "paa",
    "recognise",
    "recognise_flows",
    "recognise_plan",
    "reinsurance",
    "released_share",
    "risk",
    "roll",
    "run_off",
    "transition",
    "vfa",
    "walk",
]
