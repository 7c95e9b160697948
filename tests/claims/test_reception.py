"""Reception: number, clock, reserve, cover, duplicates; refusals leave nothing behind."""

from datetime import date

import numpy as np
import pytest
from django.utils.translation import override

from claims import services
from claims.models import CaseReserve, Claim
from core.acting import acting
from core.models import EventRecord
from fds.models import Analysis
from tests.factories import claims as make

TODAY = date(2026, 3, 23)


def test_a_report_becomes_a_claim_with_number_clock_reserve_and_score(insured):
    number = make.received(insured)
    claim = Claim.objects.get(pk=number)
    assert number.startswith("CLM-2026-")
    assert claim.status == "RECEIVED"
    assert claim.fds_gate == "CLEAR"
    assert claim.due_on == date(2026, 3, 26)
    assert claim.due_trace["days"] == 3
    assert claim.accident_no == number
    assert (claim.agent_id, claim.customer_id) == (insured.agent_id, insured.customer_id)
    assert claim.incident_date.isoformat() == "2026-03-19T23:10:00+00:00"  # 08:10 in Seoul
    assert int(claim.case_reserve) == 3_000_000
    move = CaseReserve.objects.get(claim=number)
    assert (int(move.movement), int(move.balance), move.reason) == (
        3_000_000, 3_000_000, "RECEPTION"
    )  # fmt: skip
    assert Analysis.objects.get(claim=number).risk_score == 0
    told = EventRecord.objects.exclude(name__startswith="products.").order_by("published_at")
    published = list(told.values_list("name", flat=True))
    assert published == ["claims.received.v1", "fds.scored.v1"]


def test_the_first_reserve_stays_within_the_cover_and_an_unknown_amount_reserves_all_of_it(insured):
    high = make.received(insured, claimed=900_000_000)
    unknown = make.received(insured, claimed=0, incident_at="2026-03-21T10:00")
    reserves = dict(Claim.objects.values_list("pk", "case_reserve"))
    assert int(reserves[high]) == int(reserves[unknown]) == 100_000_000


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"contract_id": "CON-0"}, services.ClaimRefused),
        ({"incident_at": "2025-05-31T23:59"}, services.NotCovered),
        ({"claim_type": "DIAGNOSIS"}, services.NotCovered),
        ({"claim_type": "FLOOD"}, services.ClaimRefused),
        ({"channel": "FAX"}, services.ClaimRefused),
        ({"provider_code": "NOBODY"}, services.ClaimRefused),
        ({"claimed": -1}, services.ClaimRefused),
        ({"description": ""}, services.ClaimRefused),
        ({"reported_at": "2026-03-19T09:00"}, services.ClaimRefused),
        ({"reported_at": "2026-03-24T00:00"}, services.ClaimRefused),
    ],
)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    insured, nothing_happens, changes, error
):
    with nothing_happens(), pytest.raises(error) as refused:
        services.receive(make.reported(insured, **changes), business_date=TODAY)
    assert str(refused.value)


def test_the_first_day_of_cover_is_in_and_the_day_after_the_last_is_out(db, nothing_happens):
    short = make.contract(start=date(2026, 1, 1), end=date(2026, 3, 1))
    assert make.received(short, incident_at="2026-01-01T00:00")
    assert make.received(short, incident_at="2026-02-28T23:59")
    with nothing_happens(), pytest.raises(services.NotCovered, match="2026-03-01"):
        make.received(short, incident_at="2026-03-01T00:00")


def test_a_likely_duplicate_asks_for_confirmation(insured, nothing_happens):
    first = make.received(insured)
    with nothing_happens(), pytest.raises(services.LooksDuplicate) as refused:
        services.receive(make.reported(insured), business_date=TODAY)
    assert refused.value.refusals[0].other == first
    again = services.receive(make.reported(insured), business_date=TODAY, confirmed=True)
    assert again != first


def test_a_withdrawn_claim_is_no_duplicate(insured):
    first = make.received(insured)
    with acting("adjuster"):
        services.withdraw(reception_id=first, reason="다른 계약으로 접수", business_date=TODAY)
    assert services.receive(make.reported(insured), business_date=TODAY)


def test_the_same_form_sent_twice_receives_once(insured):
    report = make.reported(insured, external_key="op:1")
    first = services.receive(report, business_date=TODAY)
    assert services.receive(report, business_date=TODAY) == first
    assert Claim.objects.count() == 1


def test_a_batch_is_received_whole_or_not_at_all(insured, nothing_happens):
    rows = [make.reported(insured, incident_at=f"2026-03-{day:02d}T09:00") for day in range(1, 20)]
    good = services.NewClaims.of(rows)
    bad = services.NewClaims.of([*rows, make.reported(insured, claim_type="DIAGNOSIS")])
    with nothing_happens(), pytest.raises(services.NotCovered) as refused:
        services.receive_many(bad, business_date=TODAY)
    assert [one.row for one in refused.value.refusals] == [19]
    numbers = services.receive_many(good, business_date=TODAY)
    assert len(set(numbers)) == 19
    assert EventRecord.objects.filter(name="claims.received.v1").count() == 1
    assert CaseReserve.objects.count() == 19


def test_checking_a_batch_says_why_row_by_row_and_writes_nothing(insured, nothing_happens):
    batch = services.NewClaims.of(
        [
            make.reported(insured),
            make.reported(insured, contract_id="CON-0"),
            make.reported(insured, incident_at="2024-01-01T00:00"),
            make.reported(insured, provider_code="X", claimed=-5),
        ]
    )
    with nothing_happens():
        found = services.check_many(batch, business_date=TODAY)
    assert [(one.row, one.rule) for one in found] == [
        (1, "contract"), (2, "cover"), (3, "amount"), (3, "provider")
    ]  # fmt: skip


def test_claims_of_one_accident_share_its_number(insured):
    first = make.received(insured)
    second = make.received(insured, accident_no=first, claim_type="OTHER")
    third = make.received(
        insured, accident_no=second, claim_type="VEHICLE", incident_at="2026-03-19T23:50"
    )
    assert set(Claim.objects.values_list("accident_no", flat=True)) == {first}
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"incident_at": "2026-03-18T08:10"}, "another day"),
        ({"accident_no": "CLM-2026-9999999"}, "no claim"),
        ({"accident_no": "ACC-7"}, "no claim"),
    ],
)
def test_an_accident_is_shared_only_on_its_day(insured, nothing_happens, changes, said):
    first = make.received(insured)
    with nothing_happens(), override("en"), pytest.raises(services.ClaimRefused, match=said):
        make.received(insured, **{"accident_no": first, "claim_type": "OTHER", **changes})


@pytest.mark.parametrize(
    "changes",
    [{"location": "부산 해운대구"}, {"location": ""}, {"claim_type": "DIAGNOSIS"}],
)
def test_a_strangers_accident_is_not_shared(insured, nothing_happens, changes):
    first = make.received(make.contract(start=date(2025, 6, 1), holder=make.customer("박")))
    with nothing_happens(), pytest.raises(services.ClaimRefused):
        make.received(insured, **{"accident_no": first, **changes})


def test_two_customers_share_the_accident_in_one_place(insured):
    other = make.contract(start=date(2025, 6, 1), holder=make.customer("박"))
    first = make.received(other, location="서울 마포구")
    second = make.received(insured, accident_no=first, location="서울  마포구 ")
    assert Claim.objects.get(pk=second).accident_no == first


def test_four_accidents_of_a_customer_behind_a_strangers_are_counted(insured, nothing_happens):
    stranger = make.received(
        make.contract(start=date(2025, 6, 1), holder=make.customer("박")),
        incident_at="2026-03-01T09:00",
    )
    days = ("2026-02-10", "2026-03-01", "2026-03-10", "2026-03-20")
    scores = []
    for day in days:
        given = {"incident_at": f"{day}T09:00", "location": "서울 마포구"}
        try:
            number = make.received(insured, **given, accident_no=stranger)
        except services.ClaimRefused:
            number = make.received(insured, **given)
        scores.append(Analysis.objects.get(claim=number).risk_score)
    assert scores == [0, 0, 30, 30]


def test_things_have_another_clock_than_persons(insured):
    number = make.received(insured, claim_type="VEHICLE")
    assert Claim.objects.get(pk=number).due_trace["clock"] == "ADJUSTMENT"


def test_an_investigation_extends_the_due_date_once(insured, nothing_happens):
    number = make.received(insured)
    with acting("adjuster"):
        due = services.investigate(reception_id=number, reason="사고 현장 확인")
        assert due == date(2026, 4, 6)
        with nothing_happens(), pytest.raises(services.WrongStatus):
            services.investigate(reception_id=number, reason="한 번 더")


def test_columns_of_a_batch_have_one_length():
    rows = [make.reported(type("C", (), {"pk": "CON-1"})())]
    batch = services.NewClaims.of(rows)
    assert batch.take(np.asarray([True])).rows == 1
    with pytest.raises(ValueError, match="length"):
        services.NewClaims(**{**{f: getattr(batch, f) for f in batch.__dataclass_fields__},
                              "claimed": [1, 2]})  # fmt: skip
