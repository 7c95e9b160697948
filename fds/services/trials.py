"""Trying rules: on the past before they count, in shadow beside those that do, and back again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from claims import api as claims
from core.bulk import copy_rows
from core.columns import Flags, Keys, as_column
from core.errors import DomainError, NotAllowed, NotFound
from core.status import transition
from fds import rules, selectors
from fds.models import Backtest, Rule, RuleSet, ShadowEvaluation, Snooze
from fds.services.common import person, reason_given
from fds.services.scoring import Batch, batch_of, work_out

CHUNK = 2_000
SAMPLE = 20
LONGEST_SNOOZE = 366
Status = RuleSet.Status


class NotTried(DomainError):
    """The version has not been tried on the past as it is now, or would alert too often."""


class BadSnooze(DomainError):
    """A snooze lacks an entity, a rule, an end, or is decided already."""


def content_of(spec: rules.Spec) -> str:
    """Return the hash of what a version decides: threshold, rules, points, parameters, modes."""
    text = orjson.dumps(
        [spec.threshold, [asdict(rule) | {"params": dict(rule.params)} for rule in spec.rules]],
        option=orjson.OPT_SORT_KEYS,
    )
    return hashlib.sha256(text).hexdigest()


@transaction.atomic
def backtest(*, version: int, since: date, until: date) -> Backtest:
    """Replay the claims reported in a period as they were known when they were scored.

    The same function that scores live claims scores them, with the instant at which the live score
    was written down. Rules in shadow are counted in their own figures, not in the alerts.

    Args:
        version: of the rules.
        since: first day of report.
        until: last day of report, included.

    Raises:
        NotFound, NotAllowed.
    """
    maker = person()
    spec = selectors.spec_of(version)
    if spec is None:
        raise NotFound(_("There is no version %(n)d.") % {"n": version})
    tally = Tally(spec)
    for batch, recorded in _past(since, until):
        tally.add(batch, replayed(batch, spec.as_if_live(), recorded))
    return Backtest.objects.create(
        ruleset_id=version,
        content=content_of(spec),
        since=since,
        until=until,
        claims=tally.claims,
        alerts=tally.alerts,
        alerts_now=tally.alerts_now,
        figures=tally.figures(),
        made_by=maker,
    )


def replayed(batch: Batch, spec: rules.Spec, recorded: np.ndarray[Any, Any]) -> rules.Scores:
    """Score claims of the past as they were known at their receptions."""
    known_by = batch.reception_id.tolist()
    return work_out(batch, spec, known_by=known_by, recorded=recorded).scores


def _past(since: date, until: date) -> Iterator[tuple[Batch, np.ndarray[Any, Any]]]:
    numbers = claims.reported_between(since, date.fromordinal(until.toordinal() + 1)).tolist()
    for start in range(0, len(numbers), CHUNK):
        facts = claims.facts(numbers[start : start + CHUNK])
        at = selectors.scored_at(list(facts))
        known = [fact for number, fact in facts.items() if number in at]
        if known:
            recorded = np.asarray([at[fact.reception_id] for fact in known], dtype=np.int64)
            yield batch_of(known), recorded


class Tally:
    """Adds up what a version would have done, chunk by chunk."""

    def __init__(self, spec: rules.Spec) -> None:
        self.spec = spec
        self.claims = self.alerts = self.alerts_now = self.labelled = self.frauds = 0
        self.hits: dict[str, dict[str, int]] = {
            rule.code: {"hits": 0, "labelled": 0, "frauds": 0, "alone": 0} for rule in spec.rules
        }
        self.gained: list[tuple[str, int, int]] = []
        self.lost: list[tuple[str, int, int]] = []

    def add(self, batch: Batch, tried: rules.Scores) -> None:
        """Add a chunk: scores with every rule counting, from which the live score is taken."""
        numbers = batch.reception_id.tolist()
        live = [rule for rule in self.spec.rules if rule.live]
        raw = np.zeros(len(numbers), dtype=np.int64)
        for rule in live:
            raw += rule.points * tried.hits[rule.code]
        score = np.minimum(raw, rules.CAP)
        alert = score >= self.spec.threshold
        before = selectors.summaries(numbers)
        was = np.asarray([before[number].suspicious for number in numbers], dtype=np.bool_)
        fraud, judged = _outcomes(numbers)
        self.claims += len(numbers)
        self.alerts += int(alert.sum())
        self.alerts_now += int(was.sum())
        self.labelled += int(judged.sum())
        self.frauds += int(fraud.sum())
        together = np.sum(list(tried.hits.values()), axis=0)
        for rule in self.spec.rules:
            hit, line = tried.hits[rule.code], self.hits[rule.code]
            line["hits"] += int(hit.sum())
            line["labelled"] += int((hit & judged).sum())
            line["frauds"] += int((hit & fraud).sum())
            line["alone"] += int((hit & (together == 1)).sum())
        for rows, sample in ((alert & ~was, self.gained), (~alert & was, self.lost)):
            sample += [
                (numbers[row], before[numbers[row]].score, int(score[row]))
                for row in np.flatnonzero(rows)[: SAMPLE - len(sample)].tolist()
            ]

    def figures(self) -> dict[str, Any]:
        """Return what is kept: shares are fractions, None where there was nothing to divide by."""
        return {
            "labelled": self.labelled,
            "frauds": self.frauds,
            "rules": [
                {
                    "code": rule.code,
                    "title": rule.title,
                    "live": rule.live,
                    **self.hits[rule.code],
                    "precision": _share(
                        self.hits[rule.code]["frauds"], self.hits[rule.code]["labelled"]
                    ),
                    "recall": _share(self.hits[rule.code]["frauds"], self.frauds),
                }
                for rule in self.spec.rules
            ],
            "gained": self.gained,
            "lost": self.lost,
        }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _outcomes(numbers: list[str]) -> tuple[Flags, Flags]:
    known = selectors.labels_known(numbers, date.max)
    state = dict(zip(known.reception_id.tolist(), known.state.tolist(), strict=True))
    fraud = np.asarray([state.get(n) == "CONFIRMED" for n in numbers], dtype=np.bool_)
    judged = np.asarray([state.get(n) in ("CONFIRMED", "INNOCENT") for n in numbers], np.bool_)
    return fraud, judged


def refuse_untried(ruleset: RuleSet) -> None:
    """Refuse a version that was not tried on the past as it is now, or alerts too often.

    Raises:
        NotTried.
    """
    spec = selectors.spec_of(ruleset.pk)
    tried = spec and Backtest.objects.filter(ruleset=ruleset, content=content_of(spec)).last()
    if not tried:
        raise NotTried(_("Try version %(n)d on the past first, as it is now.") % {"n": ruleset.pk})
    if tried.alerts * 100 > tried.claims * ruleset.alert_cap:
        raise NotTried(
            _("%(alerts)d of %(claims)d claims would be suspicious: more than %(cap)d %%.")
            % {"alerts": tried.alerts, "claims": tried.claims, "cap": ruleset.alert_cap}
        )


@transaction.atomic
def start_shadow(*, version: int) -> None:
    """Let a draft run in shadow beside the active version: written down, without effect.

    Raises:
        IllegalTransition, NotFound, NotAllowed.
    """
    person()
    ruleset = RuleSet.objects.select_for_update().filter(pk=version).first()
    if ruleset is None:
        raise NotFound(_("There is no version %(n)d.") % {"n": version})
    transition(ruleset, Status.SHADOW)


@transaction.atomic
def roll_back(*, version: int, reason: str) -> None:
    """Go back to a version that was active before; claims received from now on use it.

    Raises:
        NotAllowed: the acting person activated the version that is left.
        NotTried: the version never was active.
        NotFound, ReasonMissing.
    """
    name, reason = person(), reason_given(reason)
    ruleset = RuleSet.objects.select_for_update().filter(pk=version).first()
    if ruleset is None:
        raise NotFound(_("There is no version %(n)d.") % {"n": version})
    if ruleset.status != Status.RETIRED or not ruleset.approved_by:
        raise NotTried(_("Version %(n)d was never in use: activate it instead.") % {"n": version})
    for old in RuleSet.objects.select_for_update().filter(status=Status.ACTIVE):
        if old.approved_by == name:
            raise NotAllowed(_("A second person goes back: you activated this version."))
        transition(old, Status.RETIRED, reason=reason)
    transition(ruleset, Status.ACTIVE, reason=reason)


def evaluate_shadow(batch: Batch, *, trigger: str, business_date: date) -> int:
    """Write down what the rules in shadow say about claims; return how many they hit.

    Args:
        batch: claims that are stored and whose parties are known.
        trigger: the event that asks; asking again writes nothing.
        business_date: of the event.
    """
    written = 0
    for spec in selectors.shadow_specs():
        scored = work_out(batch, spec, known_by=batch.reception_id.tolist())
        rows = np.flatnonzero(np.any(list(scored.scores.hits.values()), axis=0))
        known = set(
            ShadowEvaluation.objects.filter(
                claim__in=batch.reception_id[rows].tolist(), trigger=trigger, ruleset=spec.version
            ).values_list("claim_id", flat=True)
        )
        fresh = np.asarray([r for r in rows if batch.reception_id[r] not in known], dtype=np.int64)
        if not len(fresh):
            continue
        hits: Keys = as_column(
            "keys",
            [
                orjson.dumps([rule for rule in scored.reports[r]["rules"] if rule["hit"]]).decode()
                for r in fresh
            ],
        )
        written += copy_rows(
            ShadowEvaluation,
            {
                "claim": batch.reception_id[fresh],
                "trigger": trigger,
                "ruleset": spec.version,
                "risk_score": scored.scores.score[fresh],
                "suspicious": scored.scores.suspicious[fresh],
                "hits": hits,
                "business_date": business_date,
            },
        )
    return written


@transaction.atomic
def propose_snooze(*, entity: str, key: str, code: str, start: date, end: date, reason: str) -> int:
    """Propose that a rule does not count for an entity during [start, end) of reports.

    Hits are still written down, marked as snoozed.

    Args:
        entity: CUSTOMER, PROVIDER or AGENT.
        key: its number or code.
        code: the rule.
        start: first day of report.
        end: first day on which it counts again; at most a year later.
        reason: the person's own.

    Raises:
        BadSnooze, ReasonMissing, NotAllowed.
    """
    name, reason = person(), reason_given(reason)
    if entity not in Snooze.Entity.values or not key.strip():
        raise BadSnooze(_("Name a policyholder, a provider or an agent."))
    if not Rule.objects.filter(code=code).exists():
        raise BadSnooze(_("There is no rule %(code)s.") % {"code": code})
    if not 0 < (end - start).days <= LONGEST_SNOOZE:
        raise BadSnooze(_("A snooze ends, at most a year after it begins."))
    period = DateRange(start, end)
    if Snooze.objects.filter(
        entity=entity, key=key.strip(), code=code, period__overlap=period
    ).exists():
        raise BadSnooze(_("The rule is snoozed already in this time."))
    made = Snooze.objects.create(
        entity=entity, key=key.strip(), code=code, period=period, reason=reason, made_by=name
    )
    return made.pk


@transaction.atomic
def approve_snooze(*, snooze_id: int) -> None:
    """Agree to a snooze.

    Raises:
        NotAllowed: the acting person proposed it.
        BadSnooze: agreed already.
        NotFound.
    """
    name = person()
    found = Snooze.objects.select_for_update().filter(pk=snooze_id).first()
    if found is None:
        raise NotFound(_("There is no such snooze."))
    if found.approved_by:
        raise BadSnooze(_("The snooze is agreed already."))
    if found.made_by == name:
        raise NotAllowed(_("A second person agrees: you proposed this snooze."))
    Snooze.objects.filter(pk=snooze_id).update(approved_by=name, approved_at=timezone.now())
