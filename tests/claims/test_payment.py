"""Adjustment, authority, payout: who may, how much, once."""

from datetime import date
from uuid import uuid4

import pytest
from django.utils.translation import override

from claims import services
from claims.models import Adjustment, CaseReserve, Claim, Payout
from core.acting import acting
from core.errors import NotAllowed
from core.models import EventRecord
from tests.factories import claims as make

TODAY = date(2026, 3, 24)


def proposal(number, **changes):
    terms = {
        "reception_id": number,
        "coverage_code": "INJURY_COST",
        "loss": 4_000_000,
        "fault_bp": 2_000,
        "deductible": 200_000,
        "fee": 50_000,
        "opinion": "치료비 영수증 확인",
        "business_date": TODAY,
    }
    services.propose(**{**terms, **changes})


def pay(number, *, on=TODAY, operation=None, recipient="김하늘", **payee):
    with acting("manager"):
        return services.pay(
            reception_id=number,
            recipient=recipient,
            operation_id=operation or uuid4(),
            business_date=on,
            **payee,
        )


@pytest.fixture
def started(insured):
    """Return a claim in adjustment by the adjuster."""
    make.person("adjuster", "claims_adjuster")
    make.person("manager", "claims_manager")
    number = make.received(insured)
    with acting("adjuster"):
        services.start_adjustment(reception_id=number)
    return number


def test_loss_fault_deductible_and_limit_make_the_payable_amount(started):
    with acting("adjuster"):
        proposal(started)
    one = Adjustment.objects.get()
    assert int(one.payable) == 3_000_000
    assert one.trace["after_fault"] == 3_200_000
    assert one.trace["limit"] == 5_000_000
    assert one.trace["coverage"] == "INJURY_COST"
    assert one.made_by == "adjuster"


def test_the_limit_of_the_coverage_caps_it(started):
    with acting("adjuster"):
        proposal(started, loss=50_000_000, fault_bp=0)
    one = Adjustment.objects.get()
    assert int(one.payable) == int(one.coverage_limit) == 5_000_000
    assert one.trace["capped"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"loss": 100_000}, services.NothingPayable),
        ({"coverage_code": "CANCER"}, Exception),
        ({"coverage_code": "TRAFFIC_DEATH"}, Exception),
        ({"opinion": " "}, Exception),
    ],
)
def test_proposals_that_make_no_sense_are_refused(started, nothing_happens, changes, error):
    with acting("adjuster"), nothing_happens(), pytest.raises(error):
        proposal(started, **changes)
    assert not Adjustment.objects.exists()


def test_one_proposal_at_a_time(started, nothing_happens):
    with acting("adjuster"):
        proposal(started)
        with nothing_happens(), pytest.raises(services.WrongStatus):
            proposal(started)
    assert Adjustment.objects.count() == 1


def test_the_maker_cannot_approve(started, nothing_happens):
    with acting("manager"):
        proposal(started)
        with nothing_happens(), pytest.raises(NotAllowed):
            services.approve(reception_id=started, business_date=TODAY)
    assert Adjustment.objects.get().status == "PROPOSED"


def test_an_adjuster_without_authority_cannot_approve(started, nothing_happens):
    make.person("other", "claims_adjuster")
    with acting("adjuster"):
        proposal(started)
    with acting("other"), nothing_happens(), pytest.raises(NotAllowed):
        services.approve(reception_id=started, business_date=TODAY)


def test_nobody_approves_above_their_authority(db, nothing_happens):
    make.person("adjuster", "claims_adjuster")
    make.person("manager", "claims_manager")
    rich = make.contract(start=date(2025, 6, 1), sum_assured=400_000_000)
    number = make.received(rich, claim_type="DEATH")
    with acting("adjuster"):
        services.start_adjustment(reception_id=number)
        proposal(number, coverage_code="TRAFFIC_DEATH", loss=400_000_000, fault_bp=0, deductible=0)
    with (
        acting("manager"),
        nothing_happens(),
        pytest.raises(services.AboveAuthority, match="300,0"),
    ):
        services.approve(reception_id=number, business_date=TODAY)


def test_splitting_one_accident_does_not_go_round_the_authority(db, nothing_happens):
    make.person("adjuster", "claims_adjuster")
    make.person("manager", "claims_manager")
    rich = make.contract(start=date(2025, 6, 1), sum_assured=400_000_000)
    first = make.received(rich)
    parts = [first, make.received(rich, accident_no=first, claim_type="OTHER")]
    with acting("adjuster"):
        for number in parts:
            services.start_adjustment(reception_id=number)
            proposal(
                number, coverage_code="TRAFFIC_DISABILITY", loss=160_000_000, fault_bp=0,
                deductible=0,
            )  # fmt: skip
    with acting("manager"):
        services.approve(reception_id=parts[0], business_date=TODAY)
        with nothing_happens(), pytest.raises(services.AboveAuthority, match="320,000,000"):
            services.approve(reception_id=parts[1], business_date=TODAY)


def test_approval_sets_the_reserve_to_the_amount_and_announces_the_move(started):
    with acting("adjuster"):
        proposal(started, loss=2_000_000)
    with acting("manager"):
        services.approve(reception_id=started, note="확인", business_date=TODAY)
    claim = Claim.objects.get()
    assert claim.status == "APPROVED"
    assert int(claim.case_reserve) == 1_400_000
    assert list(CaseReserve.objects.order_by("id").values_list("movement", "balance")) == [
        (3_000_000, 3_000_000), (-1_600_000, 1_400_000)
    ]  # fmt: skip
    told = EventRecord.objects.get(name="claims.case_reserves_moved.v1").payload
    assert told["movement"] == [-1_600_000]
    one = Adjustment.objects.get()
    assert (one.decided_by, int(one.authority_limit)) == ("manager", 300_000_000)


def test_a_proposal_is_sent_back_with_a_note_and_made_anew(started):
    with acting("adjuster"):
        proposal(started)
    with acting("manager"):
        services.send_back(reception_id=started, note="영수증 누락")
    with acting("adjuster"):
        proposal(started, loss=3_500_000)
    assert list(Adjustment.objects.order_by("pk").values_list("status", flat=True)) == [
        "RETURNED", "PROPOSED"
    ]  # fmt: skip


def test_an_approval_is_taken_back_before_the_payment(started, nothing_happens):
    with acting("adjuster"):
        proposal(started)
    with acting("manager"):
        services.approve(reception_id=started, business_date=TODAY)
        services.reopen(reception_id=started, reason="중복 청구 확인")
    assert Claim.objects.get().status == "INVESTIGATING"
    with nothing_happens(), pytest.raises(services.NotPayable):
        pay(started)


def test_a_payment_is_made_with_its_entries_told_once(insured):
    number = make.approved(make.received(insured))
    operation = uuid4()
    first = pay(number, operation=operation)
    assert (first.amount, first.late_interest) == (3_000_000, 0)
    assert pay(number, operation=operation) == first
    claim = Claim.objects.get()
    assert (claim.status, int(claim.case_reserve)) == ("PAID", 0)
    payout = Payout.objects.get()
    assert (payout.paid_by, payout.recipient_name) == ("manager", "김하늘")
    told = EventRecord.objects.filter(name="claims.paid.v1")
    assert told.count() == 1
    paid = told.get().payload
    assert (paid["amount"], paid["released"], paid["fee"]) == ([3_000_000], [3_000_000], [100_000])
    assert paid["final"] == [False]


def test_another_operation_cannot_pay_again(insured, nothing_happens):
    number = make.approved(make.received(insured))
    pay(number)
    with nothing_happens(), pytest.raises(services.NotPayable, match=r"already|이미"):
        pay(number)


def test_an_unapproved_claim_is_not_paid(started, nothing_happens):
    with nothing_happens(), pytest.raises(services.NotPayable):
        pay(started)


@pytest.mark.parametrize(
    ("payee", "said"),
    [
        ({"recipient": " "}, "Name the recipient"),
        ({"recipient": "박누구"}, "박누구 is not the customer 김하늘"),
        ({"recipient": "박누구", "relation": "HEIR"}, "Say why"),
        ({"recipient": "박누구", "relation": "FRIEND", "reason": "부탁"}, "Choose who"),
        ({"recipient": "아무 병원", "relation": "PROVIDER", "reason": "직접"}, "of this claim"),
    ],
)
def test_a_payment_goes_to_the_customer_or_to_another_with_a_reason(
    insured, nothing_happens, payee, said
):
    number = make.approved(make.received(insured))
    with nothing_happens(), override("en"), pytest.raises(services.NoRecipient, match=said):
        pay(number, **payee)


def test_another_than_the_customer_is_paid_with_relation_and_reason(insured):
    make.provider("H001")
    number = make.approved(make.received(insured, provider_code="H001"))
    pay(number, recipient="의원 H001", relation="PROVIDER", reason="직접지급 동의서")
    payout = Payout.objects.get()
    assert (payout.recipient_name, payout.recipient_relation, payout.recipient_reason) == (
        "의원 H001", "PROVIDER", "직접지급 동의서"
    )  # fmt: skip


def test_a_batch_pays_all_or_none(db, nothing_happens):
    contracts = [make.contract(start=date(2025, 6, 1)) for _ in range(3)]
    numbers = [make.approved(make.received(one)) for one in contracts]
    unpaid = make.received(contracts[0], claim_type="OTHER")
    with acting("manager"):
        with nothing_happens(), pytest.raises(services.NotPayable):
            services.pay_many(
                reception_ids=[*numbers, unpaid],
                payees=[services.Payee("김하늘")] * 4,
                operation_ids=[uuid4() for _ in range(4)],
                business_date=TODAY,
            )
        paid = services.pay_many(
            reception_ids=numbers,
            payees=[services.Payee("김하늘")] * 3,
            operation_ids=[uuid4() for _ in range(3)],
            business_date=TODAY,
        )
    assert [one.reception_id for one in paid] == numbers
    assert EventRecord.objects.filter(name="claims.paid.v1").count() == 1


def test_a_late_payment_carries_interest_with_its_lines(insured):
    number = make.approved(make.received(insured))  # due on 2026-03-26
    paid = pay(number, on=date(2026, 4, 30))
    assert paid.late_interest == 3_000_000 * (30 * 45_000 + 5 * 85_000) // 365_000_000
    payout = Payout.objects.get()
    assert payout.days_late == 35
    assert [line["rate"] for line in payout.interest_trace["lines"]] == ["4.5000", "8.5000"]


def test_interest_stops_while_the_claimant_refuses(insured):
    number = make.approved(make.received(insured))
    services.stop_interest([number], from_day=date(2026, 3, 27), reason="조사 거부")
    services.resume_interest([number], on=date(2026, 4, 28))
    assert pay(number, on=date(2026, 4, 30)).late_interest == 3_000_000 * 3 * 45_000 // 365_000_000


def test_a_death_benefit_ends_the_contract(db):
    make.person("adjuster", "claims_adjuster")
    make.person("manager", "claims_manager")
    number = make.received(make.contract(start=date(2025, 6, 1)), claim_type="DEATH")
    with acting("adjuster"):
        services.start_adjustment(reception_id=number)
        proposal(number, coverage_code="TRAFFIC_DEATH", loss=100_000_000, fault_bp=0, deductible=0)
    with acting("manager"):
        services.approve(reception_id=number, business_date=TODAY)
    pay(number)
    assert EventRecord.objects.get(name="claims.paid.v1").payload["final"] == [True]


def test_property_is_due_seven_days_after_the_decision(insured):
    make.person("adjuster", "claims_adjuster")
    make.person("manager", "claims_manager")
    number = make.received(insured, claim_type="VEHICLE")
    with acting("adjuster"):
        services.start_adjustment(reception_id=number)
        proposal(number)
    with acting("manager"):
        services.approve(reception_id=number, business_date=TODAY)
    assert Claim.objects.get().due_on == date(2026, 3, 31)


@pytest.mark.parametrize(("act", "status"), [("reject", "REJECTED"), ("withdraw", "WITHDRAWN")])
def test_closing_without_payment_releases_the_reserve_and_says_why(insured, act, status):
    number = make.received(insured)
    with acting("adjuster"):
        getattr(services, act)(reception_id=number, reason="면책 사유", business_date=TODAY)
    claim = Claim.objects.get()
    assert (claim.status, int(claim.case_reserve), claim.closing_reason) == (status, 0, "면책 사유")
    names = set(EventRecord.objects.values_list("name", flat=True))
    assert {"claims.case_reserves_moved.v1", "claims.rejected.v1"} <= names


@pytest.mark.parametrize("act", ["reject", "withdraw"])
def test_a_paid_claim_cannot_be_closed_otherwise(insured, nothing_happens, act):
    number = make.approved(make.received(insured))
    pay(number)
    with nothing_happens(), pytest.raises(services.WrongStatus):
        getattr(services, act)(reception_id=number, reason="실수", business_date=TODAY)


def test_declining_needs_a_reason_and_no_open_proposal(started, nothing_happens):
    with nothing_happens(), pytest.raises(Exception, match=r"reason|사유"):
        services.reject(reception_id=started, reason=" ", business_date=TODAY)
    with acting("adjuster"):
        proposal(started)
    with nothing_happens(), pytest.raises(services.WrongStatus):
        services.reject(reception_id=started, reason="면책", business_date=TODAY)


def test_withdrawing_returns_an_open_proposal(started):
    with acting("adjuster"):
        proposal(started)
        services.withdraw(reception_id=started, reason="청구 취소", business_date=TODAY)
    assert Adjustment.objects.get().status == "RETURNED"


def test_the_reserve_follows_new_estimates_until_approval(started, nothing_happens):
    with acting("adjuster"):
        services.move_reserve(
            reception_id=started, to=7_000_000, reason="수술 예정", business_date=TODAY
        )
    assert int(Claim.objects.get().case_reserve) == 7_000_000
    with nothing_happens(), pytest.raises(Exception, match=r"negative|음수"):
        services.move_reserve(reception_id=started, to=-1, reason="?", business_date=TODAY)


def test_next_case_is_the_one_due_first_and_never_the_same_for_two(insured):
    later = make.received(insured)
    first = make.received(insured, incident_at="2026-03-10T09:00", reported_at="2026-03-11T09:00")
    with acting("kim"):
        assert services.take_next() == first
    with acting("lee"):
        assert services.take_next() == later
        assert services.take_next() is None
