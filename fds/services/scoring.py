"""Scoring: at reception in the same transaction, and again at night where facts were added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from claims import api as claims
from claims.events import ClaimsReceived
from contracts import api as contracts
from core.bulk import copy_rows
from core.columns import Days, Ints, Keys, Won, as_column
from core.errors import DomainError
from core.events import publish
from fds import rules, selectors
from fds.events import ClaimsScored
from fds.models import Analysis, Case, Evaluation
from fds.rules.catalogue import Operands
from fds.services.evidence import parties_of_contracts, record_parties


class NoRuleSet(DomainError):
    """No rule set is active: without one no claim can be scored, so none is received."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Claims to score, (n,) columns."""

    reception_id: Keys
    contract_id: Keys
    customer_id: Ints
    agent_id: Keys
    provider_code: Keys
    incident: Days
    reported: Days
    coverage_start: Days
    amount: Won


@dataclass(frozen=True, slots=True)
class Scored:
    """A scored batch: scores, tags and reports, row by row."""

    spec: rules.Spec
    scores: rules.Scores
    tags: list[str]
    reports: list[dict[str, Any]]


def work_out(
    batch: Batch,
    spec: rules.Spec,
    *,
    known_by: Sequence[str] | None,
    recorded: Ints | None = None,
) -> Scored:
    """Score a batch without writing anything; reception, night and back-test all call it.

    Args:
        batch: claims that are stored already.
        spec: version of the rules.
        known_by: (n,) reception numbers: only what was reported by then counts; None: all.
        recorded: (n,) only what was written down by then, microseconds since 1970 UTC; None: all.
    """
    window = spec.param("R02", "window_days", 365)
    found = claims.history(
        batch.customer_id,
        batch.incident - np.timedelta64(window, "D"),
        batch.incident,
        known_by=known_by,
        recorded=recorded,
    )
    watched, entries = selectors.watched_on(batch.provider_code, batch.incident, recorded)
    columns = rules.Columns(
        incident=batch.incident,
        coverage_start=batch.coverage_start,
        accidents=rules.distinct_accidents(len(batch.incident), found.row, found.accident_no),
        watched=watched,
        more=_more(batch, spec, recorded) if spec.deep else {},
        snoozed=selectors.snoozed(
            spec,
            {
                "CUSTOMER": batch.customer_id.astype(object),
                "PROVIDER": batch.provider_code,
                "AGENT": batch.agent_id,
            },
            batch.reported,
            recorded,
        ),
    )
    scores = rules.score(spec, columns)
    lines = selectors.accident_lines(found, len(batch.incident))
    reports = [
        rules.report(
            spec,
            columns,
            scores,
            row,
            rules.Evidence(
                contract_id=batch.contract_id[row],
                accidents=lines[row],
                provider_code=batch.provider_code[row],
                entries=entries[row],
            ),
        )
        for row in range(len(batch.incident))
    ]
    return Scored(spec, scores, rules.tags(spec, scores), reports)


def _more(batch: Batch, spec: rules.Spec, recorded: Ints | None) -> Operands:
    found = claims.claim_columns(batch.reception_id.tolist())
    return selectors.operands(selectors.moments_of(found, recorded=recorded), spec.deep)


@transaction.atomic
def score_received(event: ClaimsReceived) -> None:
    """Score claims in the transaction that receives them: a claim without a score does not exist.

    Raises:
        NoRuleSet: then the reception itself is refused.
    """
    batch = Batch(
        reception_id=event.reception_id,
        contract_id=event.contract_id,
        customer_id=event.customer_id,
        agent_id=event.agent_id,
        provider_code=event.provider_code,
        incident=event.incident_date,
        reported=event.report_date,
        coverage_start=event.coverage_start,
        amount=np.maximum(event.claimed, event.case_reserve),
    )
    spec = active_spec()
    if spec.deep:
        record_parties(parties_of_contracts(batch.reception_id.tolist()))
    scored = work_out(batch, spec, known_by=event.reception_id.tolist())
    texts = as_column("keys", [orjson.dumps(report).decode() for report in scored.reports])
    suspicious = scored.scores.suspicious
    common = {"claim": batch.reception_id, "risk_score": scored.scores.score}
    copy_rows(
        Analysis,
        {
            **common,
            "fraud_type_tags": scored.tags,
            "analysis_report": texts,
            "is_suspicious": suspicious,
            "ruleset": spec.version,
        },
    )
    copy_rows(
        Evaluation,
        {
            **common,
            "trigger": "reception",
            "ruleset": spec.version,
            "report": texts,
            "business_date": event.business_date,
        },
    )
    _open_cases(batch, scored.scores, np.flatnonzero(suspicious), event.business_date)
    reason = _("Rule set %(version)d") % {"version": spec.version}
    for gate, rows in (("CLEAR", ~suspicious), ("REVIEW", suspicious)):
        if rows.any():
            claims.set_gate(batch.reception_id[rows].tolist(), gate, reason)
    publish(
        ClaimsScored(
            business_date=event.business_date,
            reception_id=batch.reception_id,
            risk_score=scored.scores.score,
            suspicious=suspicious,
        )
    )


def active_spec() -> rules.Spec:
    """Return the active rule set, with the rules that count.

    Raises:
        NoRuleSet: there is none.
    """
    spec = selectors.active_spec()
    if spec is None:
        raise NoRuleSet(_("No fraud rule set is active: a second person activates one first."))
    return spec.counting()


@transaction.atomic
def rescore(reception_ids: Sequence[str], *, business_date: date) -> int:
    """Score open claims again with all that is known now; a score may only rise.

    A claim that becomes suspicious opens a case and waits for a person, unless it is held or a
    person has decided it already. Paid and closed claims are left alone.

    Args:
        reception_ids: claims to look at.
        business_date: of the run; running it twice changes nothing more.

    Returns:
        How many scores rose.
    """
    facts = {key: one for key, one in claims.facts(reception_ids).items() if one.open}
    trigger = f"night:{business_date.isoformat()}"
    done = set(selectors.evaluated(list(facts), trigger))
    numbers = [number for number in sorted(facts) if number not in done]
    if not numbers:
        return 0
    batch = batch_of([facts[number] for number in numbers])
    spec = active_spec()
    scored = work_out(batch, spec, known_by=None)
    before = selectors.present_scores(numbers)
    was = np.asarray([before.get(number, -1) for number in numbers], dtype=np.int64)
    risen = np.flatnonzero(scored.scores.score > was)
    for row in risen.tolist():
        _raise(batch, scored, row, trigger, business_date)
    fresh = [row for row in risen.tolist() if scored.scores.suspicious[row]]
    mine = Case.objects.filter(claim__in=[numbers[row] for row in fresh])
    learned = mine.filter(status__in=selectors.UNDECIDED).exclude(origin=Case.Origin.RULES)
    _ask_for_decisions(list(learned.values_list("claim_id", flat=True)), facts)
    known = set(mine.values_list("claim_id", flat=True))
    new = np.asarray([row for row in fresh if numbers[row] not in known], dtype=np.int64)
    _open_cases(batch, scored.scores, new, business_date)
    gated = [numbers[row] for row in new.tolist() if facts[numbers[row]].gate != "HELD"]
    reason = _("Scored again at night: rule set %(version)d") % {"version": spec.version}
    claims.set_gate(gated, "REVIEW", reason)
    if len(risen):
        publish(
            ClaimsScored(
                business_date=business_date,
                reception_id=batch.reception_id[risen],
                risk_score=scored.scores.score[risen],
                suspicious=scored.scores.suspicious[risen],
            )
        )
    return len(risen)


def _ask_for_decisions(numbers: Sequence[str], facts: Mapping[str, claims.ClaimFact]) -> None:
    """Let cases that a model had opened wait for a decision: now the rules ask for it."""
    Case.objects.filter(claim__in=numbers).update(origin=Case.Origin.RULES)
    gated = [number for number in numbers if facts[number].gate != "HELD"]
    if gated:
        claims.set_gate(gated, "REVIEW", _("Scored again at night: now suspicious by the rules"))


def _raise(batch: Batch, scored: Scored, row: int, trigger: str, business_date: date) -> None:
    number, points = batch.reception_id[row], int(scored.scores.score[row])
    Analysis.objects.filter(claim_id=number).update(
        risk_score=points,
        fraud_type_tags=scored.tags[row],
        analysis_report=scored.reports[row],
        is_suspicious=bool(scored.scores.suspicious[row]),
        ruleset_id=scored.spec.version,
        scored_at=F("scored_at"),
    )
    Evaluation.objects.create(
        claim_id=number,
        trigger=trigger,
        ruleset_id=scored.spec.version,
        risk_score=points,
        report=scored.reports[row],
        business_date=business_date,
    )
    Case.objects.filter(claim_id=number, risk_score__lt=points).update(risk_score=points)


def _open_cases(batch: Batch, scores: rules.Scores, rows: Ints, business_date: date) -> None:
    if not len(rows):
        return
    copy_rows(
        Case,
        {
            "claim": batch.reception_id[rows],
            "status": Case.Status.OPEN,
            "opened_on": business_date,
            "risk_score": scores.score[rows],
            "amount": batch.amount[rows],
            "investigator": "",
            "decision_reason": "",
            "decided_by": "",
        },
    )


def batch_of(facts: Sequence[claims.ClaimFact]) -> Batch:
    """Put the facts of claims into columns."""
    sold = contracts.facts([fact.contract_id for fact in facts])
    return Batch(
        reception_id=as_column("keys", [fact.reception_id for fact in facts]),
        contract_id=as_column("keys", [fact.contract_id for fact in facts]),
        customer_id=np.asarray([fact.customer_id for fact in facts], dtype=np.int64),
        agent_id=as_column("keys", [fact.agent_id for fact in facts]),
        provider_code=as_column("keys", [fact.provider_code for fact in facts]),
        reported=np.asarray([fact.reported_at.date() for fact in facts], dtype="datetime64[D]"),
        incident=np.asarray([fact.incident_at.date() for fact in facts], dtype="datetime64[D]"),
        coverage_start=np.asarray(
            [sold[fact.contract_id].coverage_start for fact in facts], dtype="datetime64[D]"
        ),
        amount=np.asarray([max(fact.claimed, fact.case_reserve) for fact in facts], dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What another set would have done to past claims, beside what was done.

    Args:
        claims: how many were looked at.
        hits: (code, title, hits) of each rule.
        alerts: suspicious by the other set.
        alerts_now: suspicious as it was.
        gained, lost: samples of claims that would become, or no longer be, suspicious:
            (number, score then, score now).
    """

    claims: int
    hits: list[tuple[str, str, int]]
    alerts: int
    alerts_now: int
    gained: list[tuple[str, int, int]]
    lost: list[tuple[str, int, int]]


_LOOK_BACK = 2_000
_SAMPLE = 10


def compare(spec: rules.Spec, limit: int = _LOOK_BACK) -> Comparison:
    """Try another set on the latest claims as they were known at reception; write nothing."""
    facts = claims.facts(selectors.latest(limit))
    numbers = sorted(facts)
    if not numbers:
        return Comparison(0, [(r.code, r.title, 0) for r in spec.rules], 0, 0, [], [])
    batch = batch_of([facts[number] for number in numbers])
    tried = work_out(batch, spec, known_by=numbers).scores
    before = selectors.summaries(numbers)
    now = [
        (number, before[number].score, int(tried.score[row]), bool(tried.suspicious[row]))
        for row, number in enumerate(numbers)
        if number in before
    ]
    gained = [(n, was, new) for n, was, new, sus in now if sus and not before[n].suspicious]
    lost = [(n, was, new) for n, was, new, sus in now if not sus and before[n].suspicious]
    return Comparison(
        claims=len(numbers),
        hits=[(r.code, r.title, int(tried.hits[r.code].sum())) for r in spec.rules],
        alerts=int(tried.suspicious.sum()),
        alerts_now=sum(before[n].suspicious for n, *_rest in now),
        gained=gained[:_SAMPLE],
        lost=lost[:_SAMPLE],
    )
