"""Reads of the pages and panels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Sum

from claims import api as claims
from fds.models import Analysis, Case, Evaluation, Hold, RuleSet, WatchEntry

UNDECIDED = (Case.Status.OPEN, Case.Status.WORKING)


@dataclass(frozen=True, slots=True)
class Summary:
    """What fraud detection says about one claim."""

    reception_id: str
    score: int
    tags: str
    suspicious: bool
    threshold: int
    ruleset: int
    report: dict[str, Any]
    case_status: str
    case_label: str
    decided: bool
    decided_by: str
    decision_reason: str
    investigator: str
    held: bool

    @property
    def tier(self) -> str:
        """The tone of the score: red suspicious, amber near it, green otherwise."""
        if self.suspicious:
            return "red"
        return "amber" if self.score >= 40 else "green"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of the queue with its claim."""

    case: Case
    claim: claims.ClaimFact
    days_left: int
    late_interest: int


@dataclass(frozen=True, slots=True)
class HoldLine:
    """A hold with its claim and its clocks."""

    hold: Hold
    claim: claims.ClaimFact
    days_to_review: int
    days_late: int
    late_interest: int


def summaries(reception_ids: Iterable[str]) -> dict[str, Summary]:
    """Return what fraud detection says about claims, by reception number."""
    numbers = list(reception_ids)
    cases_by = {case.claim_id: case for case in Case.objects.filter(claim_id__in=numbers)}
    held = set(
        Hold.objects.filter(claim_id__in=numbers, released_on=None).values_list(
            "claim_id", flat=True
        )
    )
    found: dict[str, Summary] = {}
    for row in Analysis.objects.filter(claim_id__in=numbers).select_related("ruleset"):
        case = cases_by.get(row.claim_id)
        found[row.claim_id] = Summary(
            reception_id=row.claim_id,
            score=row.risk_score,
            tags=row.fraud_type_tags,
            suspicious=row.is_suspicious,
            threshold=row.ruleset.threshold,
            ruleset=row.ruleset_id,
            report=row.analysis_report,
            case_status=case.status if case else "",
            case_label=str(case.get_status_display()) if case else "",
            decided=case is not None and case.status not in UNDECIDED,
            decided_by=case.decided_by if case else "",
            decision_reason=case.decision_reason if case else "",
            investigator=case.investigator if case else "",
            held=row.claim_id in held,
        )
    return found


def analyses(show: str = "all") -> QuerySet[Analysis]:
    """Return the scores, newest first.

    Args:
        show: ``all``, ``suspicious``, ``waiting`` (undecided) or ``held``.
    """
    rows = Analysis.objects.order_by("-scored_at", "-fds_id")
    if show == "suspicious":
        return rows.filter(is_suspicious=True)
    if show == "waiting":
        undecided = Case.objects.filter(status__in=UNDECIDED).values("claim_id")
        return rows.filter(claim_id__in=undecided).order_by("-risk_score", "-fds_id")
    if show == "held":
        return rows.filter(claim_id__in=Hold.objects.filter(released_on=None).values("claim_id"))
    return rows


def monitor_figures(today: date) -> dict[str, Any]:
    """Return the figures of the monitor; amounts in won, ``share`` a ratio."""
    scored = Analysis.objects.aggregate(
        all=Count("pk"), suspicious=Count("pk", filter=Q(is_suspicious=True))
    )
    waiting = Case.objects.filter(status__in=UNDECIDED).aggregate(n=Count("pk"), won=Sum("amount"))
    return {
        "today": Evaluation.objects.filter(business_date=today, trigger="reception").count(),
        "waiting": waiting["n"],
        "amount": int(waiting["won"] or 0),
        "held": Hold.objects.filter(released_on=None).count(),
        "share": Decimal(scored["suspicious"]) / scored["all"] if scored["all"] else Decimal(0),
    }


def score_counts() -> dict[int, int]:
    """Return how many claims have each score, ascending."""
    rows = Analysis.objects.values_list("risk_score").annotate(n=Count("pk")).order_by("risk_score")
    return dict(rows)


def latest(limit: int) -> list[str]:
    """Return the claims scored last, newest first."""
    return list(analyses().values_list("claim_id", flat=True)[:limit])


def evaluations_of(reception_id: str) -> list[Evaluation]:
    """Return every scoring of a claim, oldest first."""
    return list(Evaluation.objects.filter(claim_id=reception_id).order_by("id"))


def cases(rows: Iterable[Case], today: date) -> list[CaseLine]:
    """Join cases with their claims and clocks, in the order given."""
    rows = list(rows)
    numbers = [case.claim_id for case in rows]
    facts, interest = claims.facts(numbers), claims.interest_so_far(numbers, today)
    return [
        CaseLine(
            case,
            facts[case.claim_id],
            (facts[case.claim_id].due_on - today).days,
            interest[case.claim_id][1],
        )
        for case in rows
    ]


def holds(rows: Iterable[Hold], today: date) -> list[HoldLine]:
    """Join holds with their claims, the day of review and the interest that runs."""
    rows = list(rows)
    numbers = [hold.claim_id for hold in rows]
    facts, interest = claims.facts(numbers), claims.interest_so_far(numbers, today)
    return [
        HoldLine(
            hold,
            facts[hold.claim_id],
            (hold.due_on - today).days,
            *interest[hold.claim_id],
        )
        for hold in rows
    ]


def holds_due(today: date) -> int:
    """Return how many holds are to be reviewed by ``today``."""
    return Hold.objects.filter(released_on=None, due_on__lte=today).count()


def hold_of(reception_id: str) -> Hold | None:
    """Return the hold that stops a claim now, or None."""
    return Hold.objects.filter(claim_id=reception_id, released_on=None).first()


def watch_entries() -> QuerySet[WatchEntry]:
    """Return the watch-list, proposals first, then newest."""
    return WatchEntry.objects.order_by("approved_by", "-period")


def rulesets() -> QuerySet[RuleSet]:
    """Return the versions of the rules, newest first."""
    return RuleSet.objects.prefetch_related("rules").order_by("-version")


def ruleset_hits() -> list[dict[str, Any]]:
    """Return for each rule of each version how many present scores it is part of."""
    sql = """
        SELECT a.ruleset_id, r ->> 'code', count(*) FILTER (WHERE (r ->> 'hit')::boolean),
            count(*)
        FROM fds_analysis a, jsonb_array_elements(a.analysis_report -> 'rules') r
        GROUP BY 1, 2 ORDER BY 1, 2
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [
            {"version": version, "code": code, "hits": hits, "claims": total}
            for version, code, hits, total in cursor.fetchall()
        ]
