"""One policy down the whole river, from the published product to the closed books.

After each step the ledger is looked at: every new entry balances, and exactly these accounts have
moved by exactly these amounts (debit positive, whole won).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounting.models import FinancialStatement
from accounting.services import journals
from accounting.services.journals import Row
from accounting.services.periods import PeriodIsClosed
from claims import services as claims
from claims.models import Claim
from config import invariants
from contracts import services as contracts
from contracts.models import Contract, LiabilityReserve, Underwriting
from core import clock, jobs, outbox
from core.acting import acting
from core.models import JobFailure
from core.privacy import seal
from fds import services as fds
from fds.models import Analysis
from products import api as products
from reinsurance import services as reinsurance
from reinsurance.models import Recovery
from sales.models import CommissionSettlement
from sales.services import applications, organisation, settlements
from tests.factories.claims import person, provider
from tests.factories.contracts import resident_number
from tests.factories.products import published

pytestmark = pytest.mark.django_db

SOLD, DECIDED, PAID = date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 27)
MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 30)
CASH = "1110"
LRC, ACQUISITION = "2150", "2160"  # remaining coverage of the portfolio, premium allocation
CASE, IBNR = "2210", "2220"
COMMISSION, WITHHELD = "2310", "2320"
RECOVERABLE, CEDED = "1330", "2410"
MEMO_D, MEMO_C = "9110", "9120"
CAPITAL = 10_000_000_000
PREMIUM = 8_410  # DRIVER01, man of 40, 50 million won, class 1, private car
COMMISSION_1 = 9_251  # 100 % of the first premium × 1.10


class Books:
    """The ledger, looked at step by step."""

    def __init__(self) -> None:
        self.seen = 0

    def moved(self) -> dict[str, int]:
        """Return how accounts have moved since the last look; every new entry balances."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.entry_id FROM journal_entries e LEFT JOIN general_ledger l"
                " USING (entry_id) WHERE e.entry_id > %s GROUP BY 1"
                " HAVING coalesce(sum(debit_amount - credit_amount), 1) <> 0",
                [self.seen],
            )
            assert cursor.fetchall() == []
            cursor.execute(
                "SELECT account_code, sum(debit_amount - credit_amount)::bigint"
                " FROM general_ledger WHERE entry_id > %s GROUP BY 1",
                [self.seen],
            )
            found = {account: won for account, won in cursor.fetchall() if won}
            cursor.execute("SELECT coalesce(max(entry_id), 0) FROM journal_entries")
            self.seen = cursor.fetchone()[0]
        return found


@dataclass
class River:
    """The policy on its way."""

    books: Books
    agent: str = ""
    application: str = ""
    contract: str = ""
    honest: str = ""
    watched: str = ""


def by(name: str, act: Callable[..., Any], **given: Any) -> Any:
    """Let a person or programme do something."""
    with acting(name):
        return act(**given)


def test_one_policy_from_product_to_closed_books() -> None:
    river = River(Books())
    found_the_company(river)
    sell(river)
    underwrite(river)
    report_accidents(river)
    adjust_and_approve(river)
    pay(river)
    recover(river)
    close_march(river)
    collect_the_second_premium(river)
    pay_the_agent(river)
    close_april(river)
    findings, _seconds = invariants.prove()
    assert len(findings) > 50
    assert [one for one in findings if one.breaches] == []
    assert not JobFailure.objects.exists()


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


def report_accidents(river: River) -> None:
    """Report two accidents; both are scored at once, the one at a watched clinic waits."""
    for name, clinic, at, reported, claimed in (
        ("honest", "H001", "2026-03-20T08:00", "2026-03-23T10:00", 4_000_000),
        ("watched", "H666", "2026-03-25T08:00", "2026-03-26T10:00", 2_000_000),
    ):
        claim = {
            "contract_id": river.contract,
            "claim_type": "INJURY",
            "channel": "CALL",
            "incident_at": at,
            "reported_at": reported,
            "claimed": claimed,
            "provider_code": clinic,
            "location": "서울 마포구",
            "description": "신호 대기 중 추돌",
            "claimant_name": "홍길동",
        }
        day = date.fromisoformat(reported[:10])
        clock.advance(day)
        setattr(river, name, by("call", claims.receive, claim=claim, business_date=day))
        assert river.books.moved() == {"5110": claimed, CASE: -claimed}
    early = Analysis.objects.get(claim_id=river.honest)
    assert (early.risk_score, early.is_suspicious) == (40, False)  # day 17 of the cover
    both = Analysis.objects.get(claim_id=river.watched)
    assert (both.risk_score, both.is_suspicious) == (70, True)
    gates = dict(Claim.objects.values_list("pk", "fds_gate"))
    assert gates == {river.honest: "CLEAR", river.watched: "REVIEW"}


def adjust_and_approve(river: River) -> None:
    """Adjust both: 80 % of the loss less 200,000; a second person approves, reserves follow."""
    for number, loss, payable in (
        (river.honest, 4_000_000, 3_000_000),
        (river.watched, 2_000_000, 1_400_000),
    ):
        by("adjuster", claims.start_adjustment, reception_id=number)
        by(
            "adjuster",
            claims.propose,
            reception_id=number,
            coverage_code="INJURY_COST",
            loss=loss,
            fault_bp=2_000,
            deductible=200_000,
            fee=50_000,
            opinion="진단서와 영수증 확인",
            business_date=PAID,
        )
        assert river.books.moved() == {}
        by("manager", claims.approve, reception_id=number, business_date=PAID)
        assert river.books.moved() == {CASE: loss - payable, "5120": payable - loss}


def pay(river: River) -> None:
    """Pay the clear claim, a day late; the other only after an investigator has decided."""
    _pay(river.honest)
    late = 369  # 3,000,000 × 4.49 % × 1/365
    assert river.books.moved() == {
        CASE: 3_000_000,
        "5150": 50_000,
        "5170": late,
        CASH: -3_050_000 - late,
        RECOVERABLE: 900_000,  # 30 % of the loss by quota share; the rest is below the layer
        "4210": -900_000,
    }
    _pay(river.honest)  # the same operation again pays nothing more
    with pytest.raises(claims.NotPayable):
        _pay(river.watched)
    assert river.books.moved() == {}
    by("siu", fds.take, reception_id=river.watched)
    by(
        "siu",
        fds.decide,
        reception_id=river.watched,
        decision="CLEARED",
        reason="의무기록과 블랙박스 일치",
        business_date=PAID,
    )
    _pay(river.watched)
    assert river.books.moved() == {
        CASE: 1_400_000,
        "5150": 50_000,
        CASH: -1_450_000,
        RECOVERABLE: 420_000,
        "4210": -420_000,
    }


def _pay(number: str) -> None:
    by(
        "manager",
        claims.pay,
        reception_id=number,
        recipient="홍길동",
        operation_id=UUID(int=int(number[-7:])),
        business_date=PAID,
    )


def recover(river: River) -> None:
    """Receive what the reinsurer owes."""
    for recovery in Recovery.objects.order_by("ri_claim_id"):
        by(
            "reinsurance",
            reinsurance.receive,
            ri_claim_id=recovery.pk,
            amount=recovery.recovery_amount,
            reference=f"KRE-{recovery.pk}",
            on=PAID,
        )
    assert river.books.moved() == {CASH: 1_320_000, RECOVERABLE: -1_320_000}


def close_march(river: River) -> None:
    """Live the nights to the end of March: reserve, cession, measurement, seal."""
    clock.advance(date(2026, 3, 30))
    assert jobs.catch_up(MARCH) == 2
    reserve = 543  # 8,410 × 2/31: the 1st and 2nd of April are still to come
    revenue = 8_018  # 12 × 8,410 × 29/365
    ceded = 1_989  # 30 % less 28.5 % commission of it (1,804), and 2.2 % for the layer (185)
    moved = river.books.moved()
    amortised, ibnr = moved.pop("5130"), moved.pop("5120")
    assert 0 < amortised < COMMISSION_1 / 10
    assert ibnr > 0
    assert moved == {
        LRC: revenue,
        "4140": -revenue,
        ACQUISITION: -amortised,
        IBNR: -ibnr,
        "5210": ceded,
        CEDED: -ceded,
        MEMO_D: reserve - 8_139,
        MEMO_C: 8_139 - reserve,
    }
    assert _reserve(river, MARCH) == reserve
    statement = _statement("2026-03")
    service = 6_000_000 - 1_600_000 + ibnr + amortised + 100_000 + 369
    assert statement.net_income == revenue - service + 1_320_000 - ceded
    assert statement.total_assets - statement.total_liabilities == CAPITAL + statement.net_income
    _nothing_is_posted_into(river, date(2026, 3, 30))


def _nothing_is_posted_into(river: River, day: date) -> None:
    late = {
        "contract_id": river.contract,
        "claim_type": "INJURY",
        "channel": "CALL",
        "incident_at": f"{day}T08:00",
        "reported_at": f"{day}T10:00",
        "claimed": 1_000_000,
        "description": "늦은 접수",
    }
    with pytest.raises(PeriodIsClosed):  # the books refuse, so the claim is refused
        by("call", claims.receive, claim=late, business_date=day)
    assert Claim.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_entries (entry_date, period, event_id, event_name, rule_id,"
            " reference_id, idempotency_key, description, posted_by)"
            " SELECT %s, %s, gen_random_uuid(), event_name, rule_id, reference_id, 'late', '', 'x'"
            " FROM journal_entries LIMIT 1",
            [day, f"{day:%Y-%m}"],
        )
    assert river.books.moved() == {}


def collect_the_second_premium(river: River) -> None:
    """Bill and collect the second instalment in the night on which it falls due."""
    assert jobs.catch_up(date(2026, 4, 2)) == 2
    assert river.books.moved() == {}
    assert jobs.catch_up(date(2026, 4, 3)) == 1
    assert river.books.moved() == {CASH: PREMIUM, LRC: -PREMIUM}  # billed and received
    assert Contract.objects.get().paid_instalments == 2


def pay_the_agent(river: River) -> None:
    """Draft the statement at night, release it as a person: 3.3 % stays behind."""
    jobs.catch_up(date(2026, 4, 10))
    assert river.books.moved() == {}
    statement = CommissionSettlement.objects.get()
    by(
        "accountant",
        settlements.release,
        settlement_ids=[statement.pk],
        business_date=date(2026, 4, 10),
    )
    withheld = 290  # 277 cut to 270, and a tenth of it cut to 20
    assert river.books.moved() == {
        COMMISSION: COMMISSION_1,
        WITHHELD: -withheld,
        CASH: withheld - COMMISSION_1,
    }


def close_april(river: River) -> None:
    """Live on to the end of April and close it."""
    jobs.catch_up(APRIL)
    outbox.drain()
    reserve = 561  # 8,410 × 2/30
    revenue = 16_313 - 8_018  # 12 × 8,410 × 59/365 less what March had
    moved = river.books.moved()
    amortised, ibnr = moved.pop("5130"), moved.pop("5120")
    assert moved == {
        LRC: revenue,
        "4140": -revenue,
        ACQUISITION: -amortised,
        IBNR: -ibnr,
        "5210": 1_989,
        CEDED: -1_989,
        MEMO_D: reserve - 543,
        MEMO_C: 543 - reserve,
    }
    assert _reserve(river, APRIL) == reserve
    statement = _statement("2026-04")
    assert statement.net_income == revenue - amortised - ibnr - 1_989
    assert statement.status == "CLOSED"
    equity = CAPITAL + _statement("2026-03").net_income + statement.net_income
    assert statement.total_equity == equity
    assert statement.total_assets == statement.total_liabilities + equity


def _reserve(river: River, day: date) -> Decimal:
    return LiabilityReserve.objects.get(
        contract_id=river.contract, base_date=day, occasion="MONTH_END"
    ).reserve_amount


def _statement(period: str) -> FinancialStatement:
    return FinancialStatement.objects.get(closing_period=period)
