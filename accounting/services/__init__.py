"""The verbs of stage 7."""

from accounting.services import (
    assumptions,
    closing,
    curves,
    groups,
    journals,
    loading,
    measuring,
    ordering,
    periods,
    rulebook,
)
from accounting.services.posting import post

__all__ = [
    "assumptions",
    "closing",
    "curves",
    "groups",
    "journals",
    "loading",
    "measuring",
    "ordering",
    "periods",
    "post",
    "rulebook",
]
