from datetime import date

import pytest

from claims.models import Claim
from core import outbox
from core.acting import acting
from fds import selectors, services
from fds.models import (
    Analysis,
    Case,
    CaseEvent,
    Label,
    LearnedModel,
    PartyLink,
    Prediction,
    TierPolicy,
)
from tests.factories import claims as make
from tests.fds.test_learning import PAST, table


def promoted():
    """Return a champion by which persons with a past and short tenures are fraudulent."""
    past, later = table(3000), table(1500, 99)
    with acting("siu"):
        model = services.learn(kind="LOGISTIC", name="시험", periods=PAST, past=past, later=later)
    with acting("siu2"):
        services.promote(model_id=model.pk, to="CHAMPION", reason="검증 확인")
    return model


def claim(**changes):
    number = make.received(make.contract(start=date(2025, 6, 1)), **changes)
    services.record_facts({number: {"fault": "OWN"}}, source="test")
    return number


def test_without_a_model_links_and_tier_follow_the_rules(people):
    number = claim()
    outbox.drain()
    kinds = set(PartyLink.objects.filter(claim=number).values_list("kind", flat=True))
    assert kinds == {"CUSTOMER", "AGENT"}
    said = Prediction.objects.get(claim=number)
    assert (said.tier, said.probability, said.reasons) == ("NORMAL", None, [])
    assert outbox.drain() == 0


def test_the_tier_of_rules_alone(suspicious):
    outbox.drain()
    assert Prediction.objects.get(claim=suspicious).tier == "SIU"
    assert Case.objects.get(claim=suspicious).origin == "RULES"


def test_a_model_opens_a_case_but_moves_no_gate(people):
    promoted()
    number = claim()
    TierPolicy.objects.update(siu_top="0.9999", watch_top="0.9999", recovery_percent=60, cost=100)
    outbox.drain()
    said = Prediction.objects.get(claim=number)
    assert (said.tier, said.rule_score) == ("SIU", 0)
    case = Case.objects.get(claim=number)
    assert (case.origin, case.status) == ("MODEL", "OPEN")
    assert float(case.expected_saving) == pytest.approx(
        float(said.probability) * 3_000_000 * 0.6 - 100, abs=1
    )
    assert CaseEvent.objects.get(case=case).kind == "RAISED"
    assert Claim.objects.get(pk=number).fds_gate == "CLEAR"
    assert Analysis.objects.get(claim=number).risk_score == 0
    assert not [found for found in selectors.invariants() if found[1]]


def test_reasons_are_sentences_and_stay_when_the_model_goes(people):
    model = promoted()
    number = make.received(make.contract(start=date(2026, 3, 10)))
    outbox.drain()
    frozen = Prediction.objects.get(claim=number)
    assert frozen.features["tenure_days"] == 10
    reasons = {one["feature"]: one["text"] for one in frozen.reasons}
    assert reasons["tenure_days"]["ko"].startswith("보장개시부터 사고까지 일수: 이 건 10, 보통 ")
    assert reasons["tenure_days"]["en"].startswith(
        "Days from the start of cover to the accident: 10"
    )
    assert all(one["contribution"] > 0 for one in frozen.reasons)
    with acting("siu2"):
        services.promote(model_id=model.pk, to="RETIRED", reason="성능 저하")
    assert Prediction.objects.get(claim=number).reasons == frozen.reasons
    assert LearnedModel.objects.get(pk=model.pk).status == "RETIRED"


def test_live_and_replayed_features_are_the_same(people):
    make.provider("H001")
    numbers = [claim(reported_at=f"2026-03-2{n}T09:00", provider_code="H001") for n in (1, 2, 3)]
    outbox.drain()
    live = {one.claim_id: one.features for one in Prediction.objects.all()}
    from claims import api as claims

    with acting("siu"):
        services.record_label(
            reception_id=numbers[0], state="CONFIRMED", source="CASE", decided_on=date(2026, 3, 25)
        )
    claim(reported_at="2026-03-23T10:00", provider_code="H001")
    found = claims.claim_columns(numbers)
    again = selectors.features(selectors.moments_of(found))
    assert {number: again.row(row) for row, number in enumerate(numbers)} == live
    assert live[numbers[2]]["provider_claims_90"] == 2


def test_asking_again_for_the_same_event_writes_nothing(people):
    number = claim()
    args = {"rule_scores": {number: 0}, "trigger": "t", "business_date": date(2026, 3, 23)}
    assert services.predict([number], **args) == 1
    assert services.predict([number], **args) == 0


def test_a_tier_never_falls(suspicious):
    day = date(2026, 3, 23)
    first = {"trigger": "a", "business_date": day}
    services.predict([suspicious], rule_scores={suspicious: 70}, **first)
    services.predict([suspicious], rule_scores={suspicious: 0}, **first | {"trigger": "b"})
    tiers = Prediction.objects.order_by("pk").values_list("tier", flat=True)
    assert list(tiers) == ["SIU", "SIU"]


@pytest.mark.parametrize(
    ("decision", "outcome", "state"),
    [
        ("CLEARED", "", "INNOCENT"),
        ("CLEARED", "DOUBTFUL", "DOUBTFUL"),
        ("CONFIRMED", "", "CONFIRMED"),
        ("CONFIRMED", "REFERRED", "REFERRED"),
    ],
)
def test_the_outcome_of_a_case_becomes_its_label(suspicious, decision, outcome, state):
    with acting("siu"):
        services.take_next()
        services.add_step(
            reception_id=suspicious, kind="FIELD", text="사고 현장 확인",
            business_date=date(2026, 3, 24),
        )  # fmt: skip
        services.decide(
            reception_id=suspicious, decision=decision, reason="확인", outcome=outcome,
            business_date=date(2026, 3, 24),
        )  # fmt: skip
    label = Label.objects.get(claim=suspicious)
    assert (label.state, label.source) == (state, "CASE")
    assert int(label.amount) == (3_000_000 if state == "CONFIRMED" else 0)
    assert list(CaseEvent.objects.order_by("pk").values_list("kind", flat=True)) == [
        "FIELD", "DECIDED"
    ]  # fmt: skip


def test_an_outcome_that_contradicts_is_refused(suspicious):
    with acting("siu"):
        services.take_next()
        with pytest.raises(services.WrongCase):
            services.decide(
                reception_id=suspicious, decision="CLEARED", reason="확인", outcome="CONFIRMED",
                business_date=date(2026, 3, 24),
            )  # fmt: skip
        with pytest.raises(services.WrongCase):
            services.add_step(
                reception_id=suspicious, kind="DECIDED", text="x", business_date=date(2026, 3, 24)
            )
    assert not Label.objects.exists()
    assert Case.objects.get().status == "WORKING"
