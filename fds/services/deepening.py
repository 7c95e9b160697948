"""What follows a score by outbox: parties, shadow rules, models, peers. It may only raise the tier.

No gate is moved here: a learned score by itself delays no payment (보험사기방지 특별법 §5②).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.utils.timezone import get_default_timezone

from claims import api as claims
from core.acting import current
from core.bulk import copy_rows
from core.columns import Ints
from fds import selectors
from fds.events import ClaimsScored
from fds.models import Case, CaseEvent, Prediction, TierPolicy
from fds.rules import features as rules
from fds.services.evidence import parties_of_contracts, record_parties
from fds.services.learning import Opinion, opinion
from fds.services.reasons import reasons_of
from fds.services.scoring import batch_of
from fds.services.trials import evaluate_shadow

Tier = Prediction.Tier
ORDER: dict[str, int] = {Tier.NORMAL: 0, Tier.WATCH: 1, Tier.SIU: 2}


@transaction.atomic
def deepen(event: ClaimsScored) -> None:
    """Follow up scored claims: links, shadow rules, models, tier and reasons."""
    facts = claims.facts(event.reception_id.tolist())
    numbers = [number for number in event.reception_id.tolist() if number in facts]
    record_parties(parties_of_contracts(numbers))
    trigger = f"event:{event.event_id}"
    batch = batch_of([facts[number] for number in numbers])
    evaluate_shadow(batch, trigger=trigger, business_date=event.business_date)
    scores = dict(zip(event.reception_id.tolist(), event.risk_score.tolist(), strict=True))
    predict(
        numbers,
        rule_scores={number: scores[number] for number in numbers},
        trigger=trigger,
        business_date=event.business_date,
    )


@transaction.atomic
def predict(
    reception_ids: Sequence[str],
    *,
    rule_scores: Mapping[str, int],
    trigger: str,
    business_date: date,
) -> int:
    """Ask the models about claims, write down what they say, and open cases for the SIU tier.

    A claim is first judged as known at its report, later as known at the end of the business day.

    Args:
        reception_ids: claims whose parties are known.
        rule_scores: their present scores by rules.
        trigger: asking again for the same trigger writes nothing.
        business_date: of the trigger.

    Returns:
        How many predictions were written.
    """
    done = set(
        Prediction.objects.filter(claim__in=reception_ids, trigger=trigger).values_list(
            "claim_id", flat=True
        )
    )
    numbers = [number for number in reception_ids if number not in done]
    if not numbers:
        return 0
    before = selectors.tiers(numbers)
    moments = _moments(numbers, set(before), business_date)
    table = selectors.features(moments)
    leading, trying = selectors.champion(), selectors.challenger()
    said = opinion(leading, table) if leading else None
    tried = opinion(trying, table) if trying else None
    policy = selectors.tier_policy()
    scores = np.asarray([rule_scores[number] for number in numbers], dtype=np.int64)
    found = tiers(policy, scores, said.percentile if said else None)
    raised = [max(t, before.get(n, t), key=_height)
              for n, t in zip(numbers, found, strict=True)]  # fmt: skip
    copy_rows(
        Prediction,
        {
            "claim": numbers,
            "trigger": trigger,
            "as_of": [f"{at}+00" for at in moments.at.astype("datetime64[us]").astype(str)],
            "model": leading.pk if leading else None,
            "probability": _decimals(said.probability if said else None, 6, len(numbers)),
            "percentile": _decimals(said.percentile if said else None, 5, len(numbers)),
            "challenger": trying.pk if trying else None,
            "challenger_probability": _decimals(
                tried.probability if tried else None, 6, len(numbers)
            ),
            "rule_score": scores,
            "tier": raised,
            "policy": policy.pk,
            "reasons": _reasons(leading.encoder, said, table) if leading and said
            else ["[]"] * len(numbers),
            "features": [orjson.dumps(table.row(row)).decode() for row in range(len(numbers))],
        },
    )  # fmt: skip
    if said:
        _raise_cases(numbers, said, raised, policy, business_date)
    return len(numbers)


def tiers(policy: TierPolicy, scores: Ints, percentile: Any) -> list[str]:
    """Return the tier of each claim by the policy's matrix.

    Args:
        policy: limits.
        scores: (n,) by rules, 0 to 100.
        percentile: (n,) share of claims below, by the champion; None: there is none.
    """
    rank = np.full(len(scores), -1.0) if percentile is None else percentile
    siu = (scores >= policy.siu_score) | (rank >= 1 - float(policy.siu_top))
    watch = (scores >= policy.watch_score) | (rank >= 1 - float(policy.watch_top))
    return [Tier.SIU if s else Tier.WATCH if w else Tier.NORMAL
            for s, w in zip(siu.tolist(), watch.tolist(), strict=True)]  # fmt: skip


def _moments(numbers: Sequence[str], seen: set[str], business_date: date) -> claims.Moments:
    moments = selectors.moments_of(claims.claim_columns(numbers))
    midnight = datetime.combine(business_date, time.max, tzinfo=get_default_timezone())
    evening = int(midnight.timestamp()) * 1_000_000
    later = np.asarray([number in seen for number in numbers], dtype=np.bool_)
    at = np.where(later, np.maximum(moments.at, evening), moments.at)
    return claims.Moments(moments.reception_id, at, moments.recorded)


def _decimals(column: Any, digits: int, rows: int) -> list[str | None]:
    if column is None:
        return [None] * rows
    return [f"{value:.{digits}f}" for value in column.tolist()]


def _reasons(encoder: dict[str, Any], said: Opinion, table: rules.Features) -> list[str]:
    return [
        orjson.dumps(reasons_of(encoder, said, table, row)).decode() for row in range(len(table))
    ]


def _raise_cases(
    numbers: Sequence[str],
    said: Opinion,
    raised: Sequence[str],
    policy: TierPolicy,
    business_date: date,
) -> None:
    """Open cases for open claims that the model puts into the SIU tier; gates stay as they are."""
    probability = dict(zip(numbers, said.probability.tolist(), strict=True))
    standing = {one.claim_id: one for one in Case.objects.filter(claim__in=numbers)}
    for number, one in standing.items():
        if one.status in selectors.UNDECIDED:
            Case.objects.filter(pk=one.pk).update(probability=_decimal(probability[number]))
    top = 1 - float(policy.siu_top)
    rows = [
        row
        for row, tier in enumerate(raised)
        if tier == Tier.SIU and said.percentile[row] >= top and numbers[row] not in standing
    ]
    facts = claims.facts([numbers[row] for row in rows])
    for row in rows:
        fact = facts[numbers[row]]
        if not fact.open:
            continue
        made = Case.objects.create(
            claim_id=fact.reception_id,
            opened_on=business_date,
            risk_score=0,
            amount=max(fact.claimed, fact.case_reserve),
            origin=Case.Origin.MODEL,
            probability=_decimal(probability[fact.reception_id]),
            recovery_percent=policy.recovery_percent,
            cost=policy.cost,
        )
        CaseEvent.objects.create(
            case=made, kind=CaseEvent.Kind.RAISED, on=business_date, made_by=current().actor
        )


def _height(tier: str) -> int:
    return ORDER[tier]


def _decimal(value: float) -> Decimal:
    return Decimal(f"{value:.6f}")
