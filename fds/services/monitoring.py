"""The watch over models each week, and the random audit of each night."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from claims import api as claims
from core import privacy
from core.acting import current
from fds import selectors
from fds.models import AuditDraw, Case, CaseEvent, LearnedModel, ModelCheck
from fds.rules import drift
from fds.services.learning import Opinion, opinion

LOOK_BACK = timedelta(days=91)
RIPENING = timedelta(days=365)
SCALE = 16**12


@transaction.atomic
def check_model(*, model_id: int, on: date) -> ModelCheck:
    """Compare what a model met of late with what it learned, and judge it by outcomes since.

    Inputs and scores: claims predicted in the 91 days before the day. Marks: claims reported in
    the year before it, after the model's own judged period, whose outcome is known; each as the
    model saw it first.

    Args:
        model_id: champion or challenger.
        on: day of the check; a second call for it returns the first.
    """
    done = ModelCheck.objects.filter(model_id=model_id, on=on).first()
    if done:
        return done
    model = LearnedModel.objects.get(pk=model_id)
    recent = selectors.predicted(on - LOOK_BACK, on)
    said = opinion(model, recent.table) if len(recent.reception_id) else None
    enough = said is not None and len(recent.reception_id) >= drift.FEWEST_CLAIMS
    moved = drift.drift(model.encoder, recent.table, said.percentile) if said and enough else None
    known = selectors.predicted(max(on - RIPENING, model.validated_until), on, judged_before=on)
    heard = opinion(model, known.table) if len(known.reception_id) else None
    marked = _marks(known, heard)
    alarms = drift.alarms(moved, marked, model.metrics)
    return ModelCheck.objects.create(
        model=model,
        on=on,
        claims=len(recent.reception_id),
        matured=len(known.reception_id),
        frauds=int(known.truth.sum()),
        worst_psi=_rounded(moved.worst) if moved else None,
        score_psi=_rounded(moved.score) if moved else None,
        figures={
            "psi": {k: round(v, 4) for k, v in moved.by_feature.items()} if moved else {},
            "marks": marked,
            "promised": model.metrics,
            "recall": selectors.audit_recall(on - RIPENING, on),
            "alarms": alarms,
        },
        alarm=bool(alarms),
    )


def _marks(known: selectors.Predicted, said: Opinion | None) -> dict[str, float]:
    return drift.marks(known.truth, said.score, said.probability) if said else {}


def _rounded(value: float) -> str:
    return f"{min(value, 9_999.0):.4f}"


@transaction.atomic
def draw_audit(on: date) -> AuditDraw:
    """Draw a random sample of the day's claims that nothing flagged, for the investigators.

    Each claim has the same chance, by a keyed hash of day and number: a second call draws the
    same, and nobody outside can foresee it. Payments go on (보험사기방지 특별법 §5②).

    Args:
        on: claims reported on this day; done once.
    """
    done = AuditDraw.objects.filter(on=on).first()
    if done:
        return done
    policy = selectors.tier_policy()
    numbers = selectors.unflagged(on)
    chosen = [number for number in numbers if lot(on, number) < float(policy.audit_share)]
    scores = selectors.present_scores(chosen)
    for number, fact in sorted(claims.facts(chosen).items()):
        made = Case.objects.create(
            claim_id=number,
            opened_on=on,
            risk_score=scores.get(number, 0),
            amount=max(fact.claimed, fact.case_reserve),
            origin=Case.Origin.AUDIT,
            recovery_percent=policy.recovery_percent,
            cost=policy.cost,
        )
        CaseEvent.objects.create(
            case=made, kind=CaseEvent.Kind.OPENED, on=on, made_by=current().actor
        )
    return AuditDraw.objects.create(
        on=on, population=len(numbers), drawn=len(chosen), share=policy.audit_share, policy=policy
    )


def lot(on: date, reception_id: str) -> float:
    """Return a number of [0, 1) for a claim, the same for ever, spread evenly."""
    text = privacy.pseudonym("fds:audit", f"{on.isoformat()}:{reception_id}")
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) / SCALE


def watched_models() -> list[Any]:
    """Return the numbers of the models that are checked: champion and challenger."""
    return [str(m.pk) for m in (selectors.champion(), selectors.challenger()) if m]
