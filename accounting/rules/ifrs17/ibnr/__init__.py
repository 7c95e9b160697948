"""Claims incurred but not reported: triangles, chain ladder, Mack, Bornhuetter–Ferguson, Cape Cod.

``build`` makes a triangle of claim rows; ``chain_ladder`` and ``mack`` develop it (excluded links,
tail, weights); ``expected_loss``, ``bornhuetter_ferguson`` and ``cape_cod`` lean on an exposure;
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
    bornhuetter_ferguson,
    cape_cod,
    expected_loss,
)
from accounting.rules.ifrs17.ibnr.triangle import build, cumulative, incremental, links, triangle

__all__ = [
    "Average",
    "Developed",
    "Estimated",
    "MackErrors",
    "Variance",
    "bornhuetter_ferguson",
    "build",
    "cape_cod",
    "chain_ladder",
    "cumulative",
    "expected_loss",
    "incremental",
    "links",
    "mack",
    "triangle",
]
