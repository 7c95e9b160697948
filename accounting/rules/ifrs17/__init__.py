"""IFRS 17 measurement: a pure engine over float64 columns, one row a group of contracts.

The map (every function names its paragraphs; hand-worked examples in ``docs/engines/ifrs17.md``):

===================  ===============================================================================
module               what it answers
===================  ===============================================================================
``discount``         factors, present values, forward and weighted locked-in rates
``initial``          recognition: fulfilment cash flows, margin or loss (32–38, 47)
``gmm.roll``         one period of many groups by the general model (40–46, 50–52, B96–B100);
                     inputs and outputs in ``records`` (``Balance``, ``Period``, ``Result``)
``plan.walk``        one group from recognition to its end, estimates revised on the way
``margin``           absorption, coverage-unit release, loss ratio, run-off of the margin
``ibnr``             triangles, chain ladder, Mack, Bornhuetter–Ferguson, Cape Cod
===================  ===============================================================================

Conventions: liabilities and outflows positive; revenue positive as income, expense and finance
positive as cost; tables are component → step → (groups,), steps foot (OPENING + others = CLOSING).
Money is float64 inside; whoever stores or posts it rounds by name. The engine knows no database, no
clock and no currency: a call is one currency.

Refusals are subclasses of ``errors.BadMeasurement`` (a ``ValueError``): callers name the group and
the input and turn them into refusals of their own.
"""

from accounting.rules.ifrs17.arrays import footing
from accounting.rules.ifrs17.errors import BadMeasurement
from accounting.rules.ifrs17.gmm import roll
from accounting.rules.ifrs17.initial import Recognition, recognise, recognise_flows
from accounting.rules.ifrs17.margin import LossAllocation, absorb, released_share, run_off
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
    "balance",
    "footing",
    "recognise",
    "recognise_flows",
    "recognise_plan",
    "released_share",
    "roll",
    "run_off",
    "walk",
]
