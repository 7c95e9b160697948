"""People decide: queue, decision, holds, watch-list, versions of the rules."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from claims import services as claims
from claims.models import Claim, ClockStop, Payout
from core.acting import acting
from core.errors import DomainError, NotAllowed, NotFound
from core.models import EventRecord
from fds import selectors, services
from fds.models import Case, Hold, Rule, RuleSet, WatchEntry
from tests.factories import claims as make

TODAY = date(2026, 3, 24)


def gate_of(number):
    return Claim.objects.get(pk=number).fds_gate


def pay(number, on=date(2026, 3, 25)):
    with acting("manager"):
        return claims.pay(
            reception_id=number, recipient="김하늘", operation_id=uuid4(), business_date=on
        )


def hold(number, **changes):
    terms = {
        "reception_id": number,
        "ground": "CRIMINAL",
        "explanation": "경찰 수사 개시 통보 2026-123",
        "notified_on": TODAY,
        "business_date": TODAY,
    }
    with acting("siu"):
        services.place_hold(**{**terms, **changes})


def test_a_suspicious_claim_is_not_paid_until_a_person_clears_it(suspicious):
    make.approved(suspicious)
    with pytest.raises(claims.NotPayable):
        pay(suspicious)
    with acting("siu"):
        services.decide(
            reception_id=suspicious,
            decision="CLEARED",
            reason="진료 기록 확인",
            business_date=TODAY,
        )
    assert gate_of(suspicious) == "CLEAR"
    assert pay(suspicious).amount == 3_000_000
    case = Case.objects.get()
    assert (case.status, case.decided_by, case.decision_reason) == (
        "CLEARED", "siu", "진료 기록 확인"
    )  # fmt: skip
    assert EventRecord.objects.get(name="fds.cases_decided.v1").payload["decision"] == ["CLEARED"]


def test_established_fraud_stays_unpayable(suspicious):
    make.approved(suspicious)
    with acting("siu"):
        services.decide(
            reception_id=suspicious, decision="CONFIRMED", reason="허위 입원", business_date=TODAY
        )
    assert gate_of(suspicious) == "REVIEW"
    with pytest.raises(claims.NotPayable):
        pay(suspicious)
    assert not Payout.objects.exists()


@pytest.mark.parametrize(
    ("actor", "decision", "reason"),
    [
        ("batch:fds", "CLEARED", "점수 낮음"),
        ("siu", "CLEARED", "  "),
        ("siu", "OPEN", "보류"),
        ("nobody", "CLEARED", "확인"),
    ],
)
def test_a_decision_needs_a_person_a_reason_and_a_verdict(suspicious, actor, decision, reason):
    events = EventRecord.objects.count()
    with acting(actor), pytest.raises(Exception, match=r".") as refused:
        services.decide(
            reception_id=suspicious, decision=decision, reason=reason, business_date=TODAY
        )
    assert type(refused.value).__name__ in {"NotAllowed", "ReasonMissing", "WrongCase"}
    assert (Case.objects.get().status, gate_of(suspicious)) == ("OPEN", "REVIEW")
    assert EventRecord.objects.count() == events


def test_a_case_belongs_to_who_took_it(suspicious):
    with acting("siu"):
        assert services.take_next() == suspicious
        services.take(reception_id=suspicious)
    with acting("siu2"):
        assert services.take_next() is None
        with pytest.raises(services.CaseTaken):
            services.decide(
                reception_id=suspicious, decision="CLEARED", reason="확인", business_date=TODAY
            )
    with acting("siu"):
        services.put_back(reception_id=suspicious)
    with acting("siu2"):
        services.take(reception_id=suspicious)
    assert Case.objects.get().investigator == "siu2"


def test_the_next_case_is_the_one_with_the_highest_expected_saving(watch):
    watch()
    numbers = [
        make.received(make.contract(start=date(2026, 3, 10)), provider_code="H001", claimed=amount)
        for amount in (1_000_000, 9_000_000, 5_000_000)
    ]
    with acting("siu"):
        assert [services.take_next() for _ in range(4)] == [
            numbers[1],
            numbers[2],
            numbers[0],
            None,
        ]


def test_a_hold_alone_stops_payment_and_its_release_lets_it_go_on(people):
    number = make.approved(make.received(make.contract(start=date(2025, 6, 1))))
    hold(number)
    assert gate_of(number) == "HELD"
    with pytest.raises(claims.NotPayable):
        pay(number)
    with acting("siu"):
        services.release_hold(reception_id=number, reason="무혐의 통보", business_date=TODAY)
    assert gate_of(number) == "CLEAR"
    assert pay(number).amount == 3_000_000
    names = list(
        EventRecord.objects.filter(name__startswith="fds.holds").values_list("name", flat=True)
    )
    assert sorted(names) == ["fds.holds_placed.v1", "fds.holds_released.v1"]


def test_a_released_hold_gives_back_to_an_undecided_case(suspicious):
    hold(suspicious)
    with acting("siu"):
        services.release_hold(reception_id=suspicious, reason="수사 종결", business_date=TODAY)
    assert gate_of(suspicious) == "REVIEW"


def test_clearing_a_held_claim_leaves_the_hold(suspicious):
    hold(suspicious)
    with acting("siu"):
        services.decide(
            reception_id=suspicious, decision="CLEARED", reason="확인", business_date=TODAY
        )
        assert gate_of(suspicious) == "HELD"
        services.release_hold(reception_id=suspicious, reason="종결", business_date=TODAY)
    assert gate_of(suspicious) == "CLEAR"


@pytest.mark.parametrize(
    "changes",
    [
        {"ground": "SCORE"},
        {"explanation": ""},
        {"notified_on": date(2026, 3, 25)},
        {"notified_on": date(1990, 1, 1)},
        {"due_on": TODAY},
        {"due_on": date(2099, 1, 1)},
    ],
)
def test_a_hold_without_ground_facts_or_notice_is_refused(people, changes):
    number = make.received(make.contract(start=date(2025, 6, 1)))
    events = EventRecord.objects.count()
    with pytest.raises(DomainError):
        hold(number, **changes)
    with pytest.raises(NotFound):
        hold("CLM-0")
    assert not Hold.objects.exists()
    assert gate_of(number) == "CLEAR"
    assert EventRecord.objects.count() == events


def test_a_programme_cannot_hold(people):
    number = make.received(make.contract(start=date(2025, 6, 1)))
    with acting("batch:fds"), pytest.raises(NotAllowed):
        services.place_hold(
            reception_id=number, ground="CRIMINAL", explanation="x", notified_on=TODAY,
            business_date=TODAY,
        )  # fmt: skip
    assert gate_of(number) == "CLEAR"


def test_a_paid_claim_cannot_be_held(people):
    number = make.approved(make.received(make.contract(start=date(2025, 6, 1))))
    pay(number)
    with pytest.raises(services.BadHold):
        hold(number)
    assert not Hold.objects.exists()


def test_a_hold_shows_its_clocks_and_the_interest_that_runs(people):
    number = make.approved(make.received(make.contract(start=date(2025, 6, 1))))
    hold(number)
    line = selectors.holds(Hold.objects.all(), date(2026, 4, 5))[0]
    assert line.hold.due_on == date(2026, 4, 7)
    assert (line.days_to_review, line.days_late) == (2, 10)
    assert line.late_interest == 3_000_000 * 10 * 45_000 // 365_000_000


def test_no_interest_runs_while_the_claimant_refuses_to_cooperate(people):
    number = make.approved(make.received(make.contract(start=date(2025, 6, 1))))
    hold(number, ground="REFUSAL")
    assert ClockStop.objects.get().ends_on is None
    assert selectors.holds(Hold.objects.all(), date(2026, 4, 5))[0].late_interest == 0
    with acting("siu"):
        services.release_hold(
            reception_id=number, reason="자료 제출", business_date=date(2026, 4, 3)
        )
    assert pay(number, on=date(2026, 4, 5)).late_interest == 3_000_000 * 3 * 45_000 // 365_000_000


def test_a_watch_entry_needs_a_second_person(people):
    make.provider()
    with acting("siu"):
        entry = services.propose_watch(
            provider_code="H001", start=date(2026, 1, 1), end=None, reason="민원 다수"
        )
        with pytest.raises(NotAllowed):
            services.approve_watch(entry_id=entry)
        with pytest.raises(services.BadWatch):
            services.propose_watch(
                provider_code="H001", start=date(2026, 2, 1), end=None, reason="다시"
            )
    assert WatchEntry.objects.get().approved_by == ""
    with acting("siu2"):
        services.approve_watch(entry_id=entry)
        services.end_watch(entry_id=entry, on=date(2026, 5, 1))
    assert WatchEntry.objects.get().period.upper == date(2026, 5, 1)


def test_a_refused_proposal_disappears(people):
    make.provider()
    with acting("siu"):
        entry = services.propose_watch(
            provider_code="H001", start=date(2026, 1, 1), end=None, reason="민원"
        )
    with acting("siu2"):
        services.end_watch(entry_id=entry, on=TODAY)
    assert not WatchEntry.objects.exists()


def test_a_new_version_is_drafted_tried_and_activated_by_another(people):
    with acting("siu"):
        version = services.draft(name="가중치 조정")
        services.edit_draft(
            version=version, threshold=60, points={"R03": 40}, params={"R01": {"max_days": 14}}
        )
        services.backtest(version=version, since=date(2026, 1, 1), until=date(2026, 3, 31))
        with pytest.raises(NotAllowed):
            services.activate(version=version)
    assert RuleSet.objects.get(status="ACTIVE").version == 1
    with acting("siu2"):
        services.activate(version=version)
        with pytest.raises(services.BadRuleSet):
            services.edit_draft(version=version, threshold=10, points={}, params={})
    assert RuleSet.objects.get(version=1).status == "RETIRED"
    young = make.contract(start=date(2026, 3, 5))
    make.received(young)
    assert selectors.summaries(Claim.objects.values_list("pk", flat=True)).popitem()[1].score == 0


@pytest.mark.parametrize(
    ("threshold", "points", "params"),
    [(0, {}, {}), (101, {}, {}), (70, {"R01": 101}, {}), (70, {}, {"R01": {"max_days": -1}}),
     (70, {}, {"R01": {"days": 3}})],
)  # fmt: skip
def test_a_draft_that_makes_no_sense_is_refused(people, threshold, points, params):
    with acting("siu"):
        version = services.draft(name="시험")
        with pytest.raises(services.BadRuleSet):
            services.edit_draft(version=version, threshold=threshold, points=points, params=params)
    assert Rule.objects.get(ruleset=version, code="R01").params == {"max_days": 30}


@pytest.mark.guards
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE fds_rules SET points = 1 WHERE ruleset_id = 1",
        "DELETE FROM fds_rules WHERE ruleset_id = 1",
        "UPDATE fds_rulesets SET threshold = 1 WHERE version = 1",
        "INSERT INTO fds_holds (reception_id, ground, explanation, placed_by, placed_on,"
        " notified_on, due_on, released_by, release_reason) SELECT reception_id, 'CRIMINAL', 'x',"
        " 'batch:x', '2026-03-24', '2026-03-24', '2026-04-24', '', '' FROM claim_receptions",
        "UPDATE fds_cases SET status = 'CLEARED'",
        "UPDATE fds_evaluations SET risk_score = 0",
        "DELETE FROM fds_evaluations",
    ],
)
def test_the_database_refuses(suspicious, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_two_investigators_never_get_one_case(transactional_db):
    for name in ("siu", "siu2", "siu3", "siu4"):
        make.person(name, "siu")
    make.provider()
    with acting("siu"):
        entry = services.propose_watch(
            provider_code="H001", start=date(2026, 1, 1), end=None, reason="민원"
        )
    with acting("siu2"):
        services.approve_watch(entry_id=entry)
    for _ in range(3):
        make.received(make.contract(start=date(2026, 3, 10)), provider_code="H001")
    start = Barrier(4)

    def take(name):
        try:
            with acting(name):
                start.wait(timeout=10)
                return services.take_next()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, ("siu", "siu2", "siu3", "siu4")))
    given = [number for number in taken if number]
    assert len(given) == len(set(given)) == 3


def test_a_hold_and_a_payment_never_both(transactional_db):
    make.person("siu", "siu")
    number = make.approved(make.received(make.contract(start=date(2025, 6, 1))))
    start = Barrier(2)

    def attempt(act):
        try:
            start.wait(timeout=10)
            act(number)
        except Exception as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, (hold, pay)))
    assert sum(one is not None for one in results) == 1
    assert Payout.objects.exists() != Hold.objects.exists()
