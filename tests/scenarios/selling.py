"""From the published product to the contract in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.core.management import call_command

from accounting.services import journals
from accounting.services.journals import Row
from contracts import services as contracts
from contracts.models import Contract, Underwriting
from core import clock
from core.acting import acting
from core.privacy import seal
from fds import services as fds
from products import api as products
from sales.services import applications, organisation
from tests.factories.claims import person, provider
from tests.factories.contracts import resident_number
from tests.factories.products import published
from tests.scenarios.river import (
    ACQUISITION,
    CAPITAL,
    CASH,
    COMMISSION,
    COMMISSION_1,
    DECIDED,
    LRC,
    MEMO_C,
    MEMO_D,
    PREMIUM,
    SOLD,
    River,
    by,
)


def found_the_company(river: River) -> None:
    """Publish the product, sign treaties, appoint people, pay capital in."""
    clock.advance(SOLD)
    call_command("load_accounting", verbosity=0)
    call_command("load_treaties", verbosity=0)
    published("DRIVER01")
    organisation.open_branch(
        branch_code="B01", branch_name="강남지점", region="서울", opened_on=date(2025, 1, 1)
    )
    (river.agent,) = organisation.appoint(
        [
            organisation.Appointment(
                name="김설계",
                branch_code="B01",
                commission_rate=Decimal("1.10"),
                licence_number="L1",
                appointed_on=date(2025, 1, 1),
                training_valid_until=date(2028, 1, 1),
            )
        ]
    )
    for name, role in (
        ("adjuster", "claims_adjuster"),
        ("manager", "claims_manager"),
        ("siu", "siu"),
        ("siu2", "siu"),
    ):
        person(name, role)
    provider("H001")
    provider("H666")
    watch = by(
        "siu",
        fds.propose_watch,
        provider_code="H666",
        start=date(2026, 1, 1),
        end=None,
        reason="단기 계약 동시 입원 다수",
    )
    by("siu2", fds.approve_watch, entry_id=watch)
    capital = by(
        "accountant",
        journals.draft,
        entry_date=SOLD,
        description="설립 자본금 납입",
        rows=[Row(debit=CASH, credit="3110", amount=CAPITAL)],
    )
    with acting("accountant2"):
        journals.approve(capital.pk)
    assert river.books.moved() == {CASH: CAPITAL, "3110": -CAPITAL}


def sell(river: River) -> None:
    """Quote and apply; the risk is referred to a person, and nothing is booked yet."""
    person_and_plan = {"sum_assured": 50_000_000, "term_months": 12, "pay_months": 12}
    risk = {"job_class": 1, "vehicle_use": "PRIVATE"}
    quote = products.quote(
        product_code="DRIVER01",
        on=SOLD,
        inputs={"age": 40, "sex": "M", "per_year": 12, **person_and_plan, **risk},
    )
    assert quote.premium == PREMIUM
    applicant = {
        "product_code": "DRIVER01",
        "agent_id": river.agent,
        "applicant_name": "홍길동",
        "sealed": seal(resident_number(1, born="860115")),
        "job_code": "3120",
        **person_and_plan,
        "disclosures": {**risk, "drunk_driving_5y": False, "accidents_3y": 2},
        "explained": True,
        "initial_premium_paid": True,
    }
    (river.application,) = by(
        "agent",
        applications.submit_many,
        batch=applications.NewApplications.of([applicant]),
        business_date=SOLD,
    )
    referral = Underwriting.objects.get(application_id=river.application)
    assert referral.status == "REFERRED"
    assert [reason["rule"] for reason in referral.reasons] == ["UW-03"]  # accidents need review
    assert not Contract.objects.exists()
    assert river.books.moved() == {}


def underwrite(river: River) -> None:
    """Pass the referral: contract, first bill, reserve, commission and three entries at once."""
    by(
        "underwriter",
        contracts.decide,
        application_id=river.application,
        result="PASS",
        comment="경미한 접촉사고 2건, 인수 가능",
        by="underwriter",
        own_number="",
        limit=10**9,
        business_date=DECIDED,
    )
    contract = Contract.objects.get()
    river.contract = contract.pk
    assert contract.policy_status == "ACTIVE"
    assert contract.contract_date == contract.coverage_start == SOLD  # cover from the premium on
    assert contract.premium_amount == PREMIUM
    unearned = 8_139  # 8,410 × 30/31: the day of issue is earned
    assert river.books.moved() == {
        CASH: PREMIUM,
        LRC: -PREMIUM,
        ACQUISITION: COMMISSION_1,
        COMMISSION: -COMMISSION_1,
        MEMO_D: unearned,
        MEMO_C: -unearned,
    }
