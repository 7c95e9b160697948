"""What reinsurance does: treaties, recoveries, ceded premium."""

from .losses import (
    NoReference,
    PartialReceipt,
    ReceivedAlready,
    cede_losses,
    covered,
    receive,
    receive_many,
)
from .premiums import cede_premiums_many, note_premiums, subject_premium
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
    "BadTerms",
    "CodeTaken",
    "Draft",
    "LossesPaid",
    "NoReference",
    "OverlappingLayer",
    "PartialReceipt",
    "ReceivedAlready",
    "SamePerson",
    "TooMuchCeded",
    "cede_losses",
    "cede_premiums_many",
    "covered",
    "draft",
    "end",
    "note_premiums",
    "receive",
    "receive_many",
    "sign",
    "subject_premium",
]
