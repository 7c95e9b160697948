"""Claims incurred but not reported: triangles, chain ladder, Mack, Bornhuetter–Ferguson, Cape Cod.

``build`` makes a triangle of claim rows; ``chain_ladder`` and ``mack`` develop it (excluded links,
tail, weights), ``tail_factor`` continues its link ratios; ``one_year`` says how far the answer may
move within a year; ``munich`` develops paid and incurred claims together; ``expected_loss``,
``bornhuetter_ferguson``, ``benktander`` and ``cape_cod`` lean on an exposure;
``Developed.payments`` is the pattern that the liability for incurred claims discounts.
Worked by hand in ``docs/engines/ibnr.md``.
"""

from accounting.rules.ifrs17.ibnr.chain_ladder import (
    Average,
    Developed,
    MackErrors,
    Variance,
    chain_ladder,
    mack,
)
from accounting.rules.ifrs17.ibnr.expected import (
    Estimated,
    benktander,
    bornhuetter_ferguson,
    cape_cod,
    expected_loss,
)
from accounting.rules.ifrs17.ibnr.munich import Munich, munich
from accounting.rules.ifrs17.ibnr.one_year import OneYear, one_year
from accounting.rules.ifrs17.ibnr.tail import Decay, tail_factor
from accounting.rules.ifrs17.ibnr.triangle import build, cumulative, incremental, links, triangle

__all__ = [
    "Average",
    "Decay",
    "Developed",
    "Estimated",
    "MackErrors",
    "Munich",
    "OneYear",
    "Variance",
    "benktander",
    "bornhuetter_ferguson",
    "build",
    "cape_cod",
    "chain_ladder",
    "cumulative",
    "expected_loss",
    "incremental",
    "links",
    "mack",
    "munich",
    "one_year",
    "tail_factor",
    "triangle",
]
