"""Treaties, premium and accounts, losses and recoveries."""

from .accounts import AccountEntry, PremiumCession, RiskPremium, Settlement, SubjectPremium
from .losses import (
    Accumulation,
    CatastropheEvent,
    CededLoss,
    EventClaim,
    Recoverable,
    Recovery,
)
from .treaties import Treaty
from .write_downs import WriteDown

__all__ = [
    "AccountEntry",
    "Accumulation",
    "CatastropheEvent",
    "CededLoss",
    "EventClaim",
    "PremiumCession",
    "Recoverable",
    "Recovery",
    "RiskPremium",
    "Settlement",
    "SubjectPremium",
    "Treaty",
    "WriteDown",
]
