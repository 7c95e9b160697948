"""Reads of fraud detection."""

from fds.selectors.invariants import invariants
from fds.selectors.pages import (
    CaseLine,
    HoldLine,
    Summary,
    analyses,
    cases,
    evaluations_of,
    hold_of,
    holds,
    queue_figures,
    ruleset_hits,
    rulesets,
    summaries,
    watch_entries,
)
from fds.selectors.scoring import (
    accident_lines,
    active_spec,
    evaluated,
    present_scores,
    spec_of,
    watched_on,
    watched_providers,
)

__all__ = [
    "CaseLine",
    "HoldLine",
    "Summary",
    "accident_lines",
    "active_spec",
    "analyses",
    "cases",
    "evaluated",
    "evaluations_of",
    "hold_of",
    "holds",
    "invariants",
    "present_scores",
    "queue_figures",
    "ruleset_hits",
    "rulesets",
    "spec_of",
    "summaries",
    "watch_entries",
    "watched_on",
    "watched_providers",
]
