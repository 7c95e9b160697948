"""Fraud detection: rule sets, scores, cases, holds; parties, labels, learned models."""

from .learning import AuditDraw, Label, LearnedModel, ModelCheck, Prediction, Promotion, TierPolicy
from .network import ClaimFacts, Component, ComponentMember, NetworkRun, PartyLink, PartyRisk
from .outcomes import Outcome, Task
from .review import Analysis, Case, Evaluation, Hold, Rule, RuleSet, WatchEntry
from .trials import Backtest, CaseEvent, ShadowEvaluation, Snooze

__all__ = [
    "Analysis",
    "AuditDraw",
    "Backtest",
    "Case",
    "CaseEvent",
    "ClaimFacts",
    "Component",
    "ComponentMember",
    "Evaluation",
    "Hold",
    "Label",
    "LearnedModel",
    "ModelCheck",
    "NetworkRun",
    "Outcome",
    "PartyLink",
    "PartyRisk",
    "Prediction",
    "Promotion",
    "Rule",
    "RuleSet",
    "ShadowEvaluation",
    "Snooze",
    "Task",
    "TierPolicy",
    "WatchEntry",
]
