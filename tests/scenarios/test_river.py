"""One policy down the whole river, from the published product to the closed books.

After each step the ledger is looked at: every new entry balances, and exactly these accounts have
moved by exactly these amounts (debit positive, whole won).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from accounting.models import FinancialStatement
from accounting.services.periods import PeriodIsClosed
from claims import services as claims
from claims.models import Claim
from config import invariants
from contracts.models import Contract, LiabilityReserve
from core import clock, jobs, outbox
from core.models import JobFailure
from sales.models import CommissionSettlement
from sales.services import settlements
from tests.scenarios.accidents import adjust_and_approve, pay, recover, report_accidents
from tests.scenarios.river import (
    ACQUISITION,
    APRIL,
    CAPITAL,
    CASH,
    CEDED,
    COMMISSION,
    COMMISSION_1,
    IBNR,
    LRC,
    MARCH,
    MEMO_C,
    MEMO_D,
    PREMIUM,
    WITHHELD,
    Books,
    River,
    by,
)
from tests.scenarios.selling import found_the_company, sell, underwrite

pytestmark = pytest.mark.django_db
MEASURED = (IBNR, "2140", "2230", "2240", "2340")
MEASURED_EXPENSES = ("5120", "5140", "5160", "5310")
REINSURED = ("1340", "1342", "1343", "1344", "1351")  # what the measurement of treaties moves
REINSURED_RESULT = ("4210", "5210", "5320")


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


def close_march(river: River) -> None:
    """Live the nights to the end of March: reserve, cession, measurement, seal."""
    clock.advance(date(2026, 3, 30))
    assert jobs.catch_up(MARCH) == 2
    reserve = 543  # 8,410 × 2/31: the 1st and 2nd of April are still to come
    revenue = 8_018  # 12 × 8,410 × 29/365
    # 30 % less 28.5 % commission of it (1,804); 2.2 % for the layer (185); 0.6 % of the rest for
    # catastrophes (34); with such losses the sliding scale gives 23 % only (139 back)
    ceded = 1_804 + 185 + 34 + 139
    moved = river.books.moved()
    amortised, measured = moved.pop("5130"), _measured(moved)
    cost = _reinsured(moved, ceded)
    assert 0 < amortised < COMMISSION_1 / 10
    assert measured["5120"] > 0
    assert moved == {
        LRC: revenue,
        "4140": -revenue,
        ACQUISITION: -amortised,
        CEDED: -ceded,
        MEMO_D: reserve - 8_139,
        MEMO_C: 8_139 - reserve,
    }
    assert _reserve(river, MARCH) == reserve
    statement = _statement("2026-03")
    service = 6_000_000 - 1_600_000 + sum(measured.values()) + amortised + 100_000 + 369
    assert statement.net_income == revenue - service + 1_320_000 - cost
    assert statement.total_assets - statement.total_liabilities == CAPITAL + statement.net_income
    _nothing_is_posted_into(river, date(2026, 3, 30))


def _reinsured(moved: dict[str, int], ceded: int) -> int:
    """Take out what the measurement of treaties moved; return what reinsurance cost.

    What was ceded is an asset until it is allocated to the service received.
    """
    assets = sum(moved.pop(account, 0) for account in REINSURED)
    cost = sum(moved.pop(account, 0) for account in REINSURED_RESULT)
    assert assets + cost == ceded
    return cost


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
    amortised, measured = moved.pop("5130"), _measured(moved)
    ceded = 1_804 + 185 + 34 + 138
    cost = _reinsured(moved, ceded)
    assert moved == {
        LRC: revenue,
        "4140": -revenue,
        ACQUISITION: -amortised,
        CEDED: -ceded,
        MEMO_D: reserve - 543,
        MEMO_C: 543 - reserve,
    }
    assert _reserve(river, APRIL) == reserve
    statement = _statement("2026-04")
    assert statement.net_income == revenue - amortised - sum(measured.values()) - cost
    assert statement.status == "CLOSED"
    equity = CAPITAL + _statement("2026-03").net_income + statement.net_income
    assert statement.total_equity == equity
    assert statement.total_assets == statement.total_liabilities + equity


def _measured(moved: dict[str, int]) -> dict[str, int]:
    """Take what the measurement alone moved out of ``moved``; return its expenses.

    Claims not reported with their discount and risk, losses of onerous contracts and upkeep stand
    on both sides with the same sum; last month's upkeep is paid.
    """
    liabilities = {a: moved.pop(a) for a in MEASURED if a in moved}
    expenses = {a: moved.pop(a) for a in MEASURED_EXPENSES if a in moved}
    paid = moved.pop(CASH, 0)
    assert sum(liabilities.values()) + paid == -sum(expenses.values())
    assert liabilities[IBNR]
    return expenses


def _reserve(river: River, day: date) -> Decimal:
    return LiabilityReserve.objects.get(
        contract_id=river.contract, base_date=day, occasion="MONTH_END"
    ).reserve_amount


def _statement(period: str) -> FinancialStatement:
    return FinancialStatement.objects.get(closing_period=period)
