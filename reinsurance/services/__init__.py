"""What reinsurance does: treaties, recoveries, ceded premium."""

from .accounts import (
    AccountMoved,
    NothingOwed,
    OwnSettlement,
    SettlementOpen,
    adjust_commissions_many,
    cancel_settlement,
    pay_settlement,
    propose_settlement,
)
from .entries import reinstate
from .events import (
    EventCodeTaken,
    InAnotherEvent,
    OutsideTheHours,
    accumulate_many,
    add_claims,
    record_event,
)
from .losses import (
    NoReference,
    PartialReceipt,
    ReceivedAlready,
    cede_losses,
    covered,
    receive,
    receive_many,
)
from .premiums import cede_premiums_many, note_premiums, risk_premium, subject_premium
from .recoverables import move_recoverables
from .treaties import (
    BadTerms,
    CodeTaken,
    Draft,
    LossesPaid,
    OverlappingLayer,
    SamePerson,
    TooMuchCeded,
    draft,
    end,
    sign,
)

__all__ = [
    "AccountMoved",
    "BadTerms",
    "CodeTaken",
    "Draft",
    "EventCodeTaken",
    "InAnotherEvent",
    "LossesPaid",
    "NoReference",
    "NothingOwed",
    "OutsideTheHours",
    "OverlappingLayer",
    "OwnSettlement",
    "PartialReceipt",
    "ReceivedAlready",
    "SamePerson",
    "SettlementOpen",
    "TooMuchCeded",
    "accumulate_many",
    "add_claims",
    "adjust_commissions_many",
    "cancel_settlement",
    "cede_losses",
    "cede_premiums_many",
    "covered",
    "draft",
    "end",
    "move_recoverables",
    "note_premiums",
    "pay_settlement",
    "propose_settlement",
    "receive",
    "receive_many",
    "record_event",
    "reinstate",
    "risk_premium",
    "sign",
    "subject_premium",
]
