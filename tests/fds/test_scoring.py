"""Scores as the specification has them, in the transaction that receives the claim."""

from datetime import date

import pytest
from django.db import connection

from claims import services as claims
from claims.models import Claim
from core.acting import acting
from core.models import EventRecord
from fds import services
from fds.models import Analysis, Case, Evaluation, RuleSet
from tests.factories import claims as make

TODAY = date(2026, 3, 23)


def score_of(number):
    return Analysis.objects.get(claim=number).risk_score


@pytest.mark.parametrize(
    ("start", "score"),
    [
        (date(2026, 3, 20), 40),
        (date(2026, 2, 18), 40),
        (date(2026, 2, 17), 0),
    ],
    ids=["day 0", "day 30", "day 31"],
)
def test_short_term_accidents(db, start, score):
    assert score_of(make.received(make.contract(start=start))) == score


def test_three_distinct_accidents_of_the_customer_over_all_contracts(db):
    holder = make.customer()
    one = make.contract(holder=holder, start=date(2025, 1, 1), end=date(2027, 1, 1))
    other = make.contract(holder=holder, start=date(2025, 1, 1), end=date(2027, 1, 1))
    first = make.received(one, incident_at="2025-03-21T00:00", reported_at="2025-03-22T00:00")
    second = make.received(other, incident_at="2025-12-01T00:00", reported_at="2025-12-02T00:00")
    bill = make.received(
        other, incident_at="2025-12-01T00:00", reported_at="2025-12-03T00:00", accident_no=second
    )
    third = make.received(one)
    assert [score_of(n) for n in (first, second, bill, third)] == [0, 0, 0, 30]
    report = Analysis.objects.get(claim=third).analysis_report
    rule = report["rules"][1]
    assert rule["operands"]["accidents"] == 3
    assert {line["reception_id"] for line in rule["evidence"]} == {first, second, bill, third}


def test_the_window_is_open_at_its_far_end(db):
    holder = make.customer()
    insured = make.contract(holder=holder, start=date(2024, 1, 1), end=date(2027, 1, 1))
    make.received(insured, incident_at="2025-03-20T23:59", reported_at="2025-03-21T09:00")
    make.received(insured, incident_at="2026-01-05T09:00", reported_at="2026-01-06T09:00")
    assert score_of(make.received(insured)) == 0  # 2025-03-20 is 365 days before 2026-03-20


def test_withdrawn_claims_do_not_count(db):
    holder = make.customer()
    insured = make.contract(holder=holder, start=date(2024, 1, 1), end=date(2027, 1, 1))
    for day in ("05", "06"):
        number = make.received(insured, incident_at=f"2026-01-{day}T09:00")
    with acting("adjuster"):
        claims.withdraw(reception_id=number, reason="오접수", business_date=TODAY)
    assert score_of(make.received(insured)) == 0


def test_only_what_was_known_at_the_report_counts(db):
    insured = make.contract(start=date(2024, 1, 1), end=date(2027, 1, 1))
    make.received(insured, incident_at="2026-01-05T09:00")
    early = make.received(insured, reported_at="2026-03-21T09:00")
    late = make.received(
        insured, incident_at="2026-02-01T09:00", reported_at="2026-03-22T09:00",
    )  # fmt: skip
    assert [score_of(early), score_of(late)] == [0, 0]  # early saw 2; late's own window has 2


def test_a_batch_scores_like_single_receptions(db):
    rows = []
    contracts = [make.contract(start=date(2024, 1, 1), end=date(2027, 1, 1)) for _ in range(2)]
    for day in range(1, 6):
        rows += [
            make.reported(
                one, incident_at=f"2026-03-{day:02d}T09:00", reported_at=f"2026-03-{day:02d}T10:00"
            )
            for one in contracts
        ]
    numbers = claims.receive_many(claims.NewClaims.of(rows), business_date=TODAY)
    assert [score_of(n) for n in numbers] == [0, 0, 0, 0, 30, 30, 30, 30, 30, 30]


@pytest.mark.parametrize(
    ("period", "score"),
    [
        ((date(2026, 3, 20), None), 30),
        ((date(2026, 3, 21), None), 0),
        ((date(2026, 1, 1), date(2026, 3, 20)), 0),
        ((date(2026, 1, 1), date(2026, 3, 21)), 30),
    ],
)
def test_a_provider_counts_if_it_was_watched_on_the_day_of_the_accident(watch, period, score):
    watch("H001", *period)
    insured = make.contract(start=date(2025, 6, 1))
    assert score_of(make.received(insured, provider_code="H001")) == score


def test_a_proposed_entry_does_not_count_yet(people):
    make.provider("H001")
    with acting("siu"):
        services.propose_watch(
            provider_code="H001", start=date(2026, 1, 1), end=None, reason="민원"
        )
    insured = make.contract(start=date(2025, 6, 1))
    assert score_of(make.received(insured, provider_code="H001")) == 0


def test_a_suspicious_claim_waits_in_the_queue_and_its_report_is_frozen(suspicious):
    found = Analysis.objects.get(claim=suspicious)
    assert (found.risk_score, found.is_suspicious) == (70, True)
    assert found.fraud_type_tags == "CRITICAL_TIMING, WATCHED_PROVIDER"
    assert Claim.objects.get(pk=suspicious).fds_gate == "REVIEW"
    case = Case.objects.get(claim=suspicious)
    assert (case.status, int(case.expected_saving)) == ("OPEN", 2_100_000)
    kept = Evaluation.objects.get(claim=suspicious)
    assert kept.report == found.analysis_report
    assert kept.trigger == "reception"


def test_without_active_rules_no_claim_is_received(db):
    insured = make.contract(start=date(2025, 6, 1))
    RuleSet.objects.update(status="RETIRED")
    before = EventRecord.objects.count()
    with pytest.raises(services.NoRuleSet):
        make.received(insured)
    assert not Claim.objects.exists()
    assert EventRecord.objects.count() == before


SPECIFICATION = """
    SELECT cr.reception_id,
        CASE WHEN (cr.incident_date AT TIME ZONE 'Asia/Seoul')::date - c.contract_date <= 30
            THEN 40 ELSE 0 END +
        CASE WHEN (SELECT count(*) FROM claim_receptions WHERE contract_id = c.contract_id) >= 3
            THEN 30 ELSE 0 END +
        CASE WHEN cr.incident_description LIKE '%의심병원%' THEN 30 ELSE 0 END AS risk_score
    FROM fds_analysis f
    JOIN claim_receptions cr ON f.reception_id = cr.reception_id
    JOIN contracts c ON cr.contract_id = c.contract_id
"""


def test_the_specification_s_own_query_agrees_where_both_definitions_do(watch):
    """Its traps are kept out of the data.

    It counts per contract and over all time (here every customer has one contract, and its claims
    lie within a year and are reported at once), and reads the provider from the description (here
    the name is written there exactly when the provider is watched).
    """
    watch("H001")
    make.provider("H002")
    rows = []
    for claims_each in (1, 2, 3, 4):
        for start in (date(2026, 3, 1), date(2025, 9, 1)):
            for code in ("H001", "H002"):
                insured = make.contract(start=start)
                rows += [
                    make.reported(
                        insured,
                        incident_at=f"2026-03-20T{hour + 1:02d}:00",
                        reported_at="2026-03-23T09:00",
                        provider_code=code,
                        description="의심병원 입원" if code == "H001" else "통원 치료",
                    )
                    for hour in range(claims_each)
                ]
    numbers = claims.receive_many(claims.NewClaims.of(rows), business_date=TODAY)
    for insured in {row["contract_id"] for row in rows}:
        # all claims of a contract are known together: score again with what is known now
        services.rescore(
            list(Claim.objects.filter(contract_id=insured).values_list("pk", flat=True)),
            business_date=TODAY,
        )
    with connection.cursor() as cursor:
        cursor.execute(SPECIFICATION)
        theirs = dict(cursor.fetchall())
    ours = dict(Analysis.objects.values_list("claim_id", "risk_score"))
    assert len(ours) == len(numbers) == 40
    assert ours == theirs
    assert set(ours.values()) == {0, 30, 40, 60, 70, 100}


def test_the_night_raises_scores_by_new_facts_and_opens_cases(watch, people):
    young = make.contract(start=date(2026, 3, 10))
    make.provider("H001")
    number = make.received(young, provider_code="H001")
    assert score_of(number) == 40
    watch("H001")
    assert services.rescore([number], business_date=TODAY) == 1
    assert score_of(number) == 70
    assert Claim.objects.get(pk=number).fds_gate == "REVIEW"
    assert Case.objects.get(claim=number).status == "OPEN"
    assert list(Evaluation.objects.order_by("id").values_list("trigger", flat=True)) == [
        "reception", "night:2026-03-23"
    ]  # fmt: skip
    assert services.rescore([number], business_date=TODAY) == 0


def test_the_night_never_lowers_a_score_and_leaves_paid_claims_alone(watch, people):
    entry = watch("H001")
    paid = make.approved(make.received(make.contract(start=date(2025, 6, 1)), provider_code="H001"))
    with acting("manager"):
        from uuid import uuid4

        claims.pay(
            reception_id=paid,
            recipient="김하늘",
            operation_id=uuid4(),
            business_date=date(2026, 3, 25),
        )
    open_one = make.received(make.contract(start=date(2025, 6, 1)), provider_code="H001")
    with acting("siu"):
        services.end_watch(entry_id=entry, on=date(2026, 1, 2))
    assert services.rescore([paid, open_one], business_date=date(2026, 3, 26)) == 0
    assert [score_of(paid), score_of(open_one)] == [30, 30]


def test_the_night_looks_at_claims_that_the_day_s_facts_concern(watch, people):
    from fds.tasks import RESCORE

    insured = make.contract(start=date(2025, 6, 1))
    old = make.received(insured, incident_at="2026-03-01T09:00", reported_at="2026-03-02T09:00")
    make.received(make.contract(start=date(2025, 6, 1)), reported_at="2026-03-22T09:00")
    fresh = make.received(insured)
    assert set(RESCORE.select(TODAY)) == {old, fresh}
    RESCORE.run(TODAY, [old, fresh])
    assert not Case.objects.exists()
