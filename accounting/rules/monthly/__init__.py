"""The measurement of a month end: groups rolled forward in whole won, and what the ledger moves."""

from .facts import Fact, Facts, footing
from .gmm import gmm
from .incurred import allocated, incurred, present_value_of_payments, unreported
from .paa import paa
from .state import Cash, Claims, Measured, Opening, Policy, Valued, opening_of, value

__all__ = [
    "Cash",
    "Claims",
    "Fact",
    "Facts",
    "Measured",
    "Opening",
    "Policy",
    "Valued",
    "allocated",
    "footing",
    "gmm",
    "incurred",
    "opening_of",
    "paa",
    "present_value_of_payments",
    "unreported",
    "value",
]
