"""The pure engines of fraud detection: rules, features, models' arithmetic, graphs."""

from .scores import (
    CAP,
    PREDICATES,
    Columns,
    Evidence,
    RuleSpec,
    Scores,
    Spec,
    distinct_accidents,
    repeated,
    report,
    score,
    short_term,
    tags,
    watched,
)

__all__ = [
    "CAP",
    "PREDICATES",
    "Columns",
    "Evidence",
    "RuleSpec",
    "Scores",
    "Spec",
    "distinct_accidents",
    "repeated",
    "report",
    "score",
    "short_term",
    "tags",
    "watched",
]
