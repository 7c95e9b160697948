from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from contracts import services
from contracts.models import Contract, Customer, Underwriting
from contracts.selectors.silence import silence
from contracts.tasks import ACCEPTANCE, WARNING
from core import privacy
from core.errors import NotAllowed, NotFound
from core.events import decode
from core.models import EventRecord
from core.permissions import roles
from core.status import IllegalTransition
from products.models import ProductRule
from sales import api as sales
from sales.services import applications as selling
from tests.factories.contracts import DAY, issued, resident_number, world
from tests.factories.products import published

pytestmark = pytest.mark.django_db
LIMIT = 500_000_000


@pytest.fixture
def place():
    return world()


def apply(place, *people, day=DAY):
    """Submit applications through sales; each of ``people`` changes the usual person."""
    rows = []
    for number, changes in enumerate(people):
        code = changes.get("product_code", "TERM01")
        person = changes.pop("person", number)
        asked = {q.code: q.default for q in sales.questions(code, 1)}
        rows.append(
            {
                "product_code": code,
                "agent_id": place.agents[0],
                "applicant_name": f"신청{person}",
                "sealed": privacy.seal(resident_number(900 + person)),
                "job_code": "2211",
                "sum_assured": 100_000_000,
                "term_months": 240 if code == "TERM01" else 12,
                "pay_months": 240 if code == "TERM01" else 12,
                "explained": True,
                "initial_premium_paid": True,
                "phone": "010-9999-0001",
                "address": "서울시 중구",
                **changes,
                "disclosures": {**asked, **changes.get("disclosures", {})},
            }
        )
    return selling.submit_many(selling.NewApplications.of(rows), business_date=day).tolist()


def referred(place, **changes):
    (number,) = apply(place, {"disclosures": {"treated_3m": True}, **changes})
    return number


def decide(number, **changes):
    given = {
        "application_id": number,
        "result": "PASS",
        "comment": "서류 확인",
        "by": "underwriter",
        "own_number": "",
        "limit": LIMIT,
        "business_date": date(2026, 1, 20),
    }
    return services.decide(**{**given, **changes})


def events(name):
    rows = EventRecord.objects.filter(name=f"contracts.{name}.v1").order_by("published_at")
    return [decode(row.name, row.payload) for row in rows]


def status_of(number):
    return sales.applications([number])[0].status


def refused(error, act):
    def state():
        return (
            Contract.objects.count(),
            list(Underwriting.objects.values_list("status", "result")),
            EventRecord.objects.count(),
        )

    before = state()
    with pytest.raises(error), transaction.atomic():
        act()
    assert state() == before


def test_a_standard_risk_becomes_a_contract_at_once(place):
    (number,) = apply(place, {})
    row = Underwriting.objects.get(application_id=number)
    assert (row.status, row.result, row.decided_by) == ("DECIDED", "PASS", "rules")
    contract = Contract.objects.get(application_id=number)
    application = sales.applications([number])[0]
    assert contract.policy_status == "ACTIVE"
    assert contract.premium_amount == application.premium_amount
    assert contract.rating_id == application.rating_id
    assert contract.contract_date == DAY
    customer = contract.customer
    assert customer.name == "신청0"
    assert customer.rrn_mask == "850315-1******"
    assert status_of(number) == "ACCEPTED"
    (event,) = events("underwriting_decided")
    assert event.result.tolist() == ["PASS"]


def test_the_vault_columns_travel_and_open_for_a_purpose_only(place):
    (number,) = apply(place, {})
    customer = Contract.objects.get(application_id=number).customer
    plain = services.unmask(customer_id=customer.pk, purpose="보험금 청구 확인")
    assert plain == resident_number(900)
    with pytest.raises(privacy.PurposeMissing):
        services.unmask(customer_id=customer.pk, purpose=" ")
    with pytest.raises(NotFound):
        services.unmask(customer_id=0, purpose="x")


def test_a_condition_asks_the_loaded_premium_and_waits_for_it(place):
    (number,) = apply(place, {"disclosures": {"hospitalised_5y": True}})
    row = Underwriting.objects.get(application_id=number)
    assert (row.result, row.loading_percent) == ("CONDITION", Decimal(50))
    assert row.reasons[0]["rule"] == "UW-03"
    contract = Contract.objects.get(application_id=number)
    application = sales.applications([number])[0]
    assert contract.premium_amount > application.premium_amount
    assert contract.rating_id != application.rating_id
    assert contract.policy_status == "PENDING"
    assert contract.loading_percent == Decimal(50)
    assert contract.bills.get().amount == contract.premium_amount


def test_a_rejection_ends_the_application_with_its_reason(place):
    (number,) = apply(place, {"disclosures": {"major_disease_5y": True}})
    row = Underwriting.objects.get(application_id=number)
    assert row.result == "REJECT"
    assert "중대질병" in row.reasons[0]["text"]["ko"]
    assert not Contract.objects.exists()
    assert not Customer.objects.exists()
    assert status_of(number) == "REJECTED"


def test_what_is_held_already_counts(place):
    apply(place, {"sum_assured": 500_000_000, "person": 7})
    (number,) = apply(place, {"sum_assured": 500_000_000, "person": 7})
    assert Underwriting.objects.get(application_id=number).result == "PASS"
    (third,) = apply(place, {"sum_assured": 500_000_000, "person": 7})
    row = Underwriting.objects.get(application_id=third)
    assert row.result == "REJECT"
    assert row.reasons[0]["rule"]


def test_a_batch_of_many_kinds_is_decided_together(place):
    numbers = apply(
        place,
        {},
        {"disclosures": {"major_disease_5y": True}},
        {"disclosures": {"treated_3m": True}},
        {"product_code": "DRIVER01"},
    )
    found = [Underwriting.objects.get(application_id=number) for number in numbers]
    assert [row.result or row.status for row in found] == ["PASS", "REJECT", "REFERRED", "PASS"]
    assert Contract.objects.count() == 2


def test_a_referral_waits_thirty_days_for_a_person(place):
    number = referred(place)
    row = Underwriting.objects.get(application_id=number)
    assert row.status == "REFERRED"
    # 30 days from 15 January end on Saturday 14 February; Seollal lasts until the 18th
    assert row.due_on == date(2026, 2, 19)
    assert status_of(number) == "SUBMITTED"
    assert not Contract.objects.exists()


def test_a_person_accepts(place):
    number = referred(place)
    decide(number)
    row = Underwriting.objects.get(application_id=number)
    assert (row.status, row.result, row.decided_by) == ("DECIDED", "PASS", "underwriter")
    assert row.decided_at is not None
    contract = Contract.objects.get(application_id=number)
    assert contract.coverage_start == DAY  # from the premium taken with the application
    assert status_of(number) == "ACCEPTED"


def test_a_person_accepts_on_conditions(place):
    number = referred(place)
    decide(number, result="CONDITION", loading_percent=30, exclusion="척추 질환")
    contract = Contract.objects.get(application_id=number)
    assert contract.uw_result == "CONDITION"
    assert contract.policy_status == "PENDING"
    assert contract.contract_date == date(2026, 1, 20)
    row = Underwriting.objects.get(application_id=number)
    assert row.exclusion == "척추 질환"


def test_a_person_rejects(place):
    number = referred(place)
    decide(number, result="REJECT")
    assert not Contract.objects.exists()
    assert status_of(number) == "REJECTED"


def test_nobody_decides_above_their_authority(place):
    number = referred(place, sum_assured=300_000_000)
    refused(services.AboveAuthority, lambda: decide(number, limit=299_999_999))
    decide(number, result="REJECT", limit=0)  # to refuse a risk needs no authority


def test_who_sold_it_does_not_decide(place):
    number = referred(place)
    refused(NotAllowed, lambda: decide(number, own_number=place.agents[0]))


def test_a_decision_says_why(place):
    number = referred(place)
    refused(services.CommentMissing, lambda: decide(number, comment=" "))


def test_conditions_must_be_named(place):
    number = referred(place)
    refused(services.ConditionMissing, lambda: decide(number, result="CONDITION"))


def test_a_product_without_a_loading_is_not_loaded(place):
    number = referred(place, product_code="DRIVER01", disclosures={"accidents_3y": 2})
    refused(
        services.LoadingNotOffered,
        lambda: decide(number, result="CONDITION", loading_percent=50),
    )


def test_a_decision_is_made_once(place):
    number = referred(place)
    decide(number)
    refused(IllegalTransition, lambda: decide(number, result="REJECT"))
    refused(NotFound, lambda: decide("APP-0"))


def test_silence_is_acceptance(place):
    number = referred(place)
    assert ACCEPTANCE.select(date(2026, 2, 19)) == []
    day = date(2026, 2, 20)
    assert ACCEPTANCE.select(day) == [number]
    ACCEPTANCE.run(day, [number])
    ACCEPTANCE.run(day, [number])
    row = Underwriting.objects.get(application_id=number)
    assert (row.result, row.decided_by) == ("PASS", "상법 §638의2②")
    assert Contract.objects.filter(application_id=number).count() == 1


def test_before_silence_accepts_there_is_an_alarm(place):
    number = referred(place)  # to be answered by 19 February
    assert WARNING.select(date(2026, 2, 11)) == []
    day = date(2026, 2, 12)
    assert WARNING.select(day) == [number]
    WARNING.run(day, [number])
    assert WARNING.select(day) == []
    assert silence(day).warned == 1
    late = date(2026, 2, 20)
    ACCEPTANCE.run(late, [number])
    row = Underwriting.objects.get(application_id=number)
    assert (row.alarmed_on, row.comment.count("2026-02-12")) == (day, 1)
    assert (silence(late).warned, silence(late).accepted) == (0, 1)


def test_a_case_above_the_authority_is_passed_on_to_who_can_decide(place):
    number = referred(place, sum_assured=500_000_000)
    selling_more = {"person": 0, "sum_assured": 100_000_000, "disclosures": {"treated_3m": True}}
    apply(place, {**selling_more})
    decide(number)
    (second,) = Underwriting.objects.filter(status="REFERRED").values_list(
        "application_id", flat=True
    )
    refused(services.AboveAuthority, lambda: decide(second))
    given = {"application_id": second, "by": "underwriter", "business_date": date(2026, 1, 21)}
    refused(services.CommentMissing, lambda: services.escalate(note=" ", **given))
    services.escalate(note="합산 보험가입금액 6억", **given)
    refused(IllegalTransition, lambda: services.escalate(note="again", **given))
    refused(services.AboveAuthority, lambda: decide(second))
    chief = roles()["chief_underwriter"].limits["contracts.underwrite"]
    decide(second, by="chief", limit=chief)
    row = Underwriting.objects.get(application_id=second)
    assert (row.escalated_by, row.decided_by, row.result) == ("underwriter", "chief", "PASS")
    refused(IllegalTransition, lambda: services.escalate(note="late", **given))
    refused(NotFound, lambda: services.escalate(note="x", **{**given, "application_id": "APP-0"}))


def test_someone_may_decide_on_every_sum_that_is_sold(place):
    published("WHOLE01", "CANCER01", "MOTOR01")
    highest = max(role.limits.get("contracts.underwrite", 0) for role in roles().values())
    rules = ProductRule.objects.filter(rule_type="COVERAGE_LIMIT").values_list(
        "product_id", "rule_value"
    )
    assert len(rules) == 5
    for code, value in rules:
        assert max(value["max_sum"], value.get("max_total_sum", 0)) <= highest, code


def test_what_the_applicant_takes_back_leaves_the_queue(place):
    number = referred(place)
    selling.withdraw(number, reason="변심", business_date=date(2026, 1, 16))
    assert Underwriting.objects.get(application_id=number).status == "WITHDRAWN"
    refused(IllegalTransition, lambda: decide(number))


def test_a_customer_who_buys_again_stays_one(place):
    apply(place, {"person": 3}, {"person": 3, "product_code": "DRIVER01"})
    assert Customer.objects.count() == 1
    assert Contract.objects.count() == 2


def test_corrections_are_kept_and_must_change_something(place):
    (number,) = issued(place)
    customer = Contract.objects.get(pk=number).customer
    same = {"phone": customer.phone, "address": customer.address, "job_code": customer.job_code}
    with pytest.raises(services.NothingToCorrect):
        services.correct(customer_id=customer.pk, **same)
    services.correct(customer_id=customer.pk, **{**same, "address": "부산시 해운대구"})
    assert Customer.objects.get(pk=customer.pk).address == "부산시 해운대구"
    with pytest.raises(NotFound):
        services.correct(customer_id=0, **same)


@pytest.mark.guards
def test_the_database_refuses_to_undo_a_decision(place):
    (number,) = apply(place, {})
    for status, result in (("REFERRED", ""), ("DECIDED", "")):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "UPDATE underwritings SET status = %s, result = %s WHERE application_id = %s",
                [status, result, number],
            )
    assert Underwriting.objects.get(application_id=number).result == "PASS"
