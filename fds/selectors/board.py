"""The figures of the board: how much the rules, the models and the investigators find."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, Sum

from fds.models import Case, Evaluation, Label
from fds.selectors.monitoring import audit_recall
from fds.selectors.pages import UNDECIDED

_RULES = """
    SELECT r ->> 'code', min(r ->> 'title'), count(*) FILTER (WHERE (r ->> 'hit')::boolean),
        count(*) FILTER (WHERE (r ->> 'hit')::boolean AND l.state IN ('CONFIRMED', 'INNOCENT')),
        count(*) FILTER (WHERE (r ->> 'hit')::boolean AND l.state = 'CONFIRMED'),
        count(*) FILTER (WHERE (r ->> 'hit')::boolean AND a.is_suspicious
            AND a.risk_score - (r ->> 'points')::int < s.threshold),
        count(*)
    FROM fds_analysis a
    JOIN fds_rulesets s ON s.version = a.ruleset_id
    JOIN fds_evaluations e ON e.reception_id = a.reception_id AND e.trigger = 'reception'
    CROSS JOIN LATERAL jsonb_array_elements(a.analysis_report -> 'rules') r
    LEFT JOIN LATERAL (
        SELECT state FROM fds_labels f WHERE f.reception_id = a.reception_id
        ORDER BY decided_on DESC, id DESC LIMIT 1
    ) l ON true
    WHERE e.business_date >= %(since)s AND e.business_date < %(until)s
        AND (%(version)s::int IS NULL OR a.ruleset_id = %(version)s)
    GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class RuleFigure:
    """What a rule did among the claims of a period.

    Args:
        hits: claims it hit.
        judged: of them with an outcome, fraud or none.
        frauds: of these established.
        marginal: suspicious claims that would not be without its points.
        claims: all that were scored.
    """

    code: str
    title: str
    hits: int
    judged: int
    frauds: int
    marginal: int
    claims: int

    @property
    def precision(self) -> float | None:
        """Established among judged; None while nothing is judged."""
        return self.frauds / self.judged if self.judged else None

    @property
    def share(self) -> float | None:
        """Hits among all that were scored."""
        return self.hits / self.claims if self.claims else None


def rule_figures(since: date, until: date, version: int | None = None) -> list[RuleFigure]:
    """Return the figures of each rule over reports scored in [since, until).

    Args:
        since: first business date.
        until: first that is not.
        version: only claims scored by this version; None: all.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RULES, {"since": since, "until": until, "version": version})
        return [RuleFigure(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Board:
    """What was found in a period [since, until); amounts in won.

    Args:
        scored, alerts: claims, and of them suspicious or raised by model, network or person.
        decided, frauds: cases decided, of them established.
        saved: established damage of claims.
        days: mean days from opening to decision; None while nothing is decided.
        late: undecided cases whose claims are past their due date.
        precision: established among decided, of the alerts with the highest saving a day.
        recall: by the random audits; shares are absent while none is decided.
    """

    scored: int
    alerts: int
    decided: int
    frauds: int
    saved: int
    days: float | None
    late: int
    precision: float | None
    recall: dict[str, float]

    @property
    def rate(self) -> float | None:
        """Established among decided."""
        return self.frauds / self.decided if self.decided else None


def board(since: date, until: date, today: date, *, top: int = 20) -> Board:
    """Return the figures of a period.

    Args:
        since: first business date.
        until: first that is not.
        today: for what is overdue.
        top: how many decided cases with the highest expected saving are judged (P@k).
    """
    opened = Case.objects.filter(opened_on__gte=since, opened_on__lt=until)
    decided = Case.objects.filter(decided_on__gte=since, decided_on__lt=until)
    lasted = ExpressionWrapper(F("decided_on") - F("opened_on"), output_field=DurationField())
    counted = decided.aggregate(
        n=Count("pk"), frauds=Count("pk", filter=Q(status=Case.Status.CONFIRMED)), days=Avg(lasted)
    )
    best = list(
        decided.exclude(origin=Case.Origin.AUDIT)
        .order_by("-expected_saving", "pk")
        .values_list("status", flat=True)[:top]
    )
    latest = Label.objects.order_by("claim", "-decided_on", "-pk").distinct("claim").values("pk")
    saved = Label.objects.filter(
        pk__in=latest, state=Label.State.CONFIRMED, decided_on__gte=since, decided_on__lt=until
    ).aggregate(won=Sum("amount"))["won"]
    late = Case.objects.filter(status__in=UNDECIDED, claim__due_on__lt=today, claim__closed_on=None)
    return Board(
        scored=Evaluation.objects.filter(
            business_date__gte=since, business_date__lt=until, trigger="reception"
        ).count(),
        alerts=opened.count(),
        decided=counted["n"],
        frauds=counted["frauds"],
        saved=int(saved or 0),
        days=None if counted["days"] is None else counted["days"] / timedelta(days=1),
        late=late.count(),
        precision=best.count(Case.Status.CONFIRMED) / len(best) if best else None,
        recall=audit_recall(since, until),
    )


def alerts_by_week(since: date, until: date) -> list[tuple[date, int, int]]:
    """Return (first day, cases opened, frauds established) by weeks from ``since``."""
    found = []
    day = since
    while day < until:
        end = min(day + timedelta(days=7), until)
        found.append(
            (
                day,
                Case.objects.filter(opened_on__gte=day, opened_on__lt=end).count(),
                Case.objects.filter(
                    decided_on__gte=day, decided_on__lt=end, status=Case.Status.CONFIRMED
                ).count(),
            )
        )
        day = end
    return found
