"""The measurement of a month end: groups rolled forward in whole won, and what the ledger moves."""

from .eligibility import Asked, NotAllocable, ask, require
from .facts import Fact, Facts, footing
from .gmm import gmm
from .incurred import allocated, incurred, present_value_of_payments, unreported
from .paa import paa
from .state import Cash, Claims, Measured, Opening, Policy, Valued, opening_of, value

__all__ = [
    "Asked",
    "Cash",
    "Claims",
    "Fact",
    "Facts",
    "Measured",
    "NotAllocable",
    "Opening",
    "Policy",
    "Valued",
    "allocated",
    "ask",
    "footing",
    "gmm",
    "incurred",
    "opening_of",
    "paa",
    "present_value_of_payments",
    "require",
    "unreported",
    "value",
]
