"""The watch over models: what moved, how they fare on outcomes since, what an audit tells."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from claims import api as claims
from core import clock, jobs
from core.acting import acting
from fds import face, selectors, services
from fds.models import AuditDraw, Case, LearnedModel, ModelCheck, Prediction, TierPolicy
from fds.rules import drift, measures
from fds.services.monitoring import lot
from tests.factories import claims as make
from tests.fds.test_deepening import promoted
from tests.fds.test_learning import table

ON = date(2026, 3, 29)


def frozen(model, examples, days, states=None):
    """Receive a claim for each example and freeze its prediction, with an outcome where given."""
    insured = make.contract(start=date(2025, 6, 1), end=date(2027, 1, 1))
    numbers = [
        make.received(insured, incident_at=f"{day}T08:00", reported_at=f"{day}T09:{n % 60:02d}")
        for n, day in enumerate(days)
    ]
    Prediction.objects.bulk_create(
        Prediction(
            claim_id=number,
            trigger="test",
            as_of=f"{day}T12:00Z",
            model=model,
            rule_score=0,
            tier="NORMAL",
            policy_id=1,
            reasons=[],
            features=examples.features.row(row),
        )
        for row, (number, day) in enumerate(zip(numbers, days, strict=True))
    )
    for number, state in zip(numbers, states or [], strict=False):
        if state:
            services.record_label(
                reception_id=number, state=state, source="CASE", decided_on=date(2026, 3, 26)
            )
    return numbers


def drifted(model, examples, **moved):
    said = services.opinion(model, examples.features)
    return drift.drift(model.encoder, examples.features, said.percentile)


def test_a_model_is_stable_on_its_like_and_alarms_when_the_world_moves(people):
    model = LearnedModel.objects.get(pk=promoted().pk)
    same = table(1_500, seed=42)
    stable = drifted(model, same)
    assert stable.worst < 0.1
    assert stable.score < 0.1
    assert drift.alarms(stable, {}, model.metrics) == []
    other = table(1_500, seed=42)
    other.features.numbers["tenure_days"][:] = 10.0
    moved = drifted(model, other)
    assert max(moved.by_feature, key=moved.by_feature.get) == "tenure_days"
    assert "inputs" in drift.alarms(moved, {}, model.metrics)


def test_marks_alarm_by_name_and_only_with_enough_frauds():
    promised = {"roc_auc": 0.80, "precision_top": 0.5}
    fine = {"frauds": 10, "roc_auc": 0.75, "precision_top": 0.25, "ece": 0.05}
    assert drift.alarms(None, fine, promised) == []
    for name, value in (("roc_auc", 0.7499), ("precision_top", 0.24), ("ece", 0.0501)):
        said = drift.alarms(None, fine | {name: value}, promised)
        assert said == [{"roc_auc": "auc", "precision_top": "precision"}.get(name, "calibration")]
        assert drift.alarms(None, fine | {name: value, "frauds": 9}, promised) == []


def test_a_week_is_checked_once_on_what_models_saw_and_on_outcomes_since(people, monkeypatch):
    model = promoted()
    monkeypatch.setattr(drift, "FEWEST_CLAIMS", 12)
    examples = table(16, seed=5)
    days = [f"2026-03-{day:02d}" for day in range(5, 21)]
    states = ["CONFIRMED", "INNOCENT"] * 3 + ["DOUBTFUL"] + [""] * 9
    with acting("siu"):
        frozen(model, examples, days, states)
    check = services.check_model(model_id=model.pk, on=ON)
    assert (check.claims, check.matured, check.frauds) == (16, 6, 3)
    assert check.score_psi is not None
    assert set(check.figures["psi"]) == {"tenure_days", "person_rate", "fault"}
    said = services.opinion(LearnedModel.objects.get(pk=model.pk), examples.features)
    expected = measures.roc_auc(np.array([1.0, 0, 1, 0, 1, 0]), said.score[:6])
    assert check.figures["marks"]["roc_auc"] == pytest.approx(expected, abs=1e-6)
    assert check.alarm == bool(check.figures["alarms"])
    assert services.check_model(model_id=model.pk, on=ON) == check
    assert face.models_to_look_at(None, ON) == int(check.alarm)
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        ModelCheck.objects.update(alarm=False)


def test_the_check_runs_on_sundays_for_the_models_in_use(people, settings):
    model = promoted()
    settings.CHAIN = ["fds.tasks.MONITOR"]
    for day in (date(2026, 3, 28), ON):
        clock.advance(day)
        assert jobs.run_day(day)
    assert list(ModelCheck.objects.values_list("model_id", "on")) == [(model.pk, ON)]
    assert not ModelCheck.objects.get().alarm  # nothing was seen, so nothing is said


def audited(share):
    with acting("siu2"):
        TierPolicy.objects.filter(active=True).update(audit_share=share)


def test_an_audit_draws_the_same_claims_again_and_leaves_gates_alone(people):
    audited("0.5000")
    numbers = [make.received(make.contract(start=date(2025, 6, 1))) for _ in range(16)]
    day = date(2026, 3, 23)
    draw = services.draw_audit(day)
    chosen = set(Case.objects.filter(origin="AUDIT").values_list("claim_id", flat=True))
    assert (draw.population, draw.drawn) == (16, len(chosen))
    assert chosen == {number for number in numbers if lot(day, number) < 0.5}
    assert {fact.gate for fact in claims.facts(numbers).values()} == {"CLEAR"}
    assert services.draw_audit(day) == draw
    assert Case.objects.count() == len(chosen)
    assert not [finding for finding in selectors.invariants() if finding[1]]


def test_what_is_flagged_is_not_audited(suspicious):
    audited("1.0000")
    plain = make.received(make.contract(start=date(2025, 6, 1)))
    services.draw_audit(date(2026, 3, 23))
    assert list(Case.objects.filter(origin="AUDIT").values_list("claim_id", flat=True)) == [plain]
    assert AuditDraw.objects.get().population == 1


def test_the_recall_counts_what_the_audit_says_was_missed(suspicious):
    """One fraud found among the flagged; one of two audits of ten unflagged is fraud: 1 / 6."""
    audited("0.0000")
    numbers = [make.received(make.contract(start=date(2025, 6, 1))) for _ in range(10)]
    services.draw_audit(date(2026, 3, 23))
    with acting("siu"):
        services.take(reception_id=suspicious)
        services.decide(reception_id=suspicious, decision="CONFIRMED", reason="허위 입원",
                        business_date=date(2026, 3, 24))  # fmt: skip
        assert "share" not in selectors.audit_recall(ON - timedelta(days=365), ON)
        for number, decision in zip(numbers[:2], ("CONFIRMED", "CLEARED"), strict=True):
            Case.objects.create(claim_id=number, opened_on=date(2026, 3, 23), risk_score=0,
                                amount=1, origin="AUDIT")  # fmt: skip
            services.take(reception_id=number)
            services.decide(reception_id=number, decision=decision, reason="표본조사",
                            business_date=date(2026, 3, 24))  # fmt: skip
    said = selectors.audit_recall(ON - timedelta(days=365), ON)
    assert (said["found"], said["audited"], said["frauds"], said["population"]) == (1, 2, 1, 10)
    assert said["share"] == pytest.approx(1 / 6, abs=1e-6)
    assert said["low"] < said["share"] < said["high"]


@given(st.integers(0, 200), st.integers(1, 200))
def test_the_interval_holds_the_share_and_lies_in_the_unit(hits, more):
    of = hits + more
    low, high = drift.wilson(hits, of)
    assert 0 <= low <= hits / of <= high <= 1


def test_an_unbiased_audit_finds_the_true_recall():
    """Over many worlds the estimate of missed frauds is right on average."""
    rng = np.random.default_rng(3)
    missed = []
    for _world in range(400):
        fraud = rng.random(4_000) < 0.02
        drawn = rng.random(4_000) < 0.05
        said = drift.recall(50, 4_000, int(drawn.sum()), int(fraud[drawn].sum()))
        missed.append(said.missed)
    assert np.mean(missed) == pytest.approx(80, rel=0.05)


def test_lots_are_even_and_differ_by_night():
    numbers = [f"CLM-2026-{n:07d}" for n in range(4_000)]
    lots = np.array([lot(ON, number) for number in numbers])
    assert abs((lots < 0.02).mean() - 0.02) < 0.007
    assert lots.max() < 1
    assert lot(ON, numbers[0]) != lot(ON + timedelta(days=1), numbers[0])
