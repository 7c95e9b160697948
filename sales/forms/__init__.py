"""What people type into the screens of stage 2."""

from .applications import (
    ApplicationForm,
    QuoteForm,
    initial_of,
    plan_label,
    seal_token,
    sealed_of,
)
from .organisation import AgentForm, ReappointForm, ReasonForm, RetireForm, TrainingForm
from .plans import GrantForm, PlanForm, PostForm, ShareForm

__all__ = [
    "AgentForm",
    "ApplicationForm",
    "GrantForm",
    "PlanForm",
    "PostForm",
    "QuoteForm",
    "ReappointForm",
    "ReasonForm",
    "RetireForm",
    "ShareForm",
    "TrainingForm",
    "initial_of",
    "plan_label",
    "seal_token",
    "sealed_of",
]
