"""The verbs of fraud detection; each public function is one use case in one transaction."""

from fds.services.cases import (
    CaseTaken,
    WrongCase,
    decide,
    put_back,
    take,
    take_next,
)
from fds.services.holds import BadHold, place_hold, release_hold
from fds.services.rulesets import BadRuleSet, activate, draft, edit_draft
from fds.services.scoring import Comparison, NoRuleSet, compare, rescore, score_received
from fds.services.watchlist import BadWatch, approve_watch, end_watch, propose_watch

__all__ = [
    "BadHold",
    "BadRuleSet",
    "BadWatch",
    "CaseTaken",
    "Comparison",
    "NoRuleSet",
    "WrongCase",
    "activate",
    "approve_watch",
    "compare",
    "decide",
    "draft",
    "edit_draft",
    "end_watch",
    "place_hold",
    "propose_watch",
    "put_back",
    "release_hold",
    "rescore",
    "score_received",
    "take",
    "take_next",
]
