"""The verbs of claims; each public function is one use case in one transaction."""

from claims.services.adjusting import (
    NothingPayable,
    Proposals,
    assign,
    investigate,
    move_reserve,
    payable,
    propose,
    propose_many,
    start_adjustment,
    start_many,
    take_next,
)
from claims.services.approving import AboveAuthority, approve, approve_many, reopen, send_back
from claims.services.batch import (
    ClaimRefused,
    LooksDuplicate,
    NewClaims,
    NotCovered,
    Refusal,
)
from claims.services.checks import check_many
from claims.services.clock import resume_interest, stop_interest
from claims.services.closing import reject, withdraw
from claims.services.common import WrongStatus
from claims.services.documents import BadDocument, add_document
from claims.services.gates import GateClosed, set_gate
from claims.services.limits import SumUsedUp, UnknownCoverage
from claims.services.paying import (
    NoRecipient,
    NotPayable,
    Paid,
    Payee,
    interest_so_far,
    interest_trace,
    pay,
    pay_many,
)
from claims.services.providers import register_provider, register_providers
from claims.services.reception import receive, receive_many, receive_within
from claims.services.straight import Straight, decided_by_rule, settle_straight

__all__ = [
    "AboveAuthority",
    "BadDocument",
    "ClaimRefused",
    "GateClosed",
    "LooksDuplicate",
    "NewClaims",
    "NoRecipient",
    "NotCovered",
    "NotPayable",
    "NothingPayable",
    "Paid",
    "Payee",
    "Proposals",
    "Refusal",
    "Straight",
    "SumUsedUp",
    "UnknownCoverage",
    "WrongStatus",
    "add_document",
    "approve",
    "approve_many",
    "assign",
    "check_many",
    "decided_by_rule",
    "interest_so_far",
    "interest_trace",
    "investigate",
    "move_reserve",
    "pay",
    "pay_many",
    "payable",
    "propose",
    "propose_many",
    "receive",
    "receive_many",
    "receive_within",
    "register_provider",
    "register_providers",
    "reject",
    "reopen",
    "resume_interest",
    "send_back",
    "set_gate",
    "settle_straight",
    "start_adjustment",
    "start_many",
    "stop_interest",
    "take_next",
    "withdraw",
]
