"""From an application to a paid commission, with stage 3 and the books in the same transactions."""

from datetime import date
from decimal import Decimal

import pytest

from core.acting import acting
from core.models import EventRecord
from sales import api
from sales.models import Application, Commission, CommissionSettlement, SalesRecord
from sales.services import applications, settlements
from tests.factories.sales import TODAY, AgentFactory, batch, clock, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(term_life):
    clock()
    return AgentFactory(commission_rate=Decimal("0.95"))


def apply(seller, **given):
    rows = batch(row(agent_id=seller.agent_id, **given))
    (number,) = applications.submit_many(rows, business_date=TODAY)
    return Application.objects.get(application_id=number)


def events():
    return set(EventRecord.objects.values_list("name", flat=True))


def test_a_healthy_applicant_becomes_a_contract_that_earns(seller):
    application = apply(seller)
    assert application.status == "ACCEPTED"
    line = Commission.objects.get()
    # premium × 250 % × 0.95, to whole won
    assert line.base_amount == application.premium_amount
    assert line.amount == (application.premium_amount * 2375 + 500) // 1000
    assert line.payment_date == date(2026, 4, 2)
    assert SalesRecord.objects.get().contract_id == line.contract_id
    assert events() >= {
        "sales.applications_submitted.v1",
        "contracts.issued.v1",
        "contracts.underwriting_decided.v1",
        "sales.commissions_accrued.v1",
    }
    with acting("batch:settlement"):
        (number,) = settlements.draft_statements([seller.agent_id], business_date=date(2026, 4, 10))
    with acting("accountant"):
        settlements.release([number], business_date=date(2026, 4, 10))
    statement = CommissionSettlement.objects.get()
    assert statement.net_paid + statement.withheld == line.amount
    assert all(breaches == 0 for _name, breaches, _detail in api.invariants())


def test_a_grave_disease_is_rejected_and_earns_nothing(seller):
    answers = row()["disclosures"] | {"major_disease_5y": True}
    assert apply(seller, disclosures=answers).status == "REJECTED"
    assert not Commission.objects.exists()


def test_a_doubtful_case_waits_for_a_person(seller):
    answers = row()["disclosures"] | {"treated_3m": True}
    assert apply(seller, disclosures=answers).status == "SUBMITTED"
    assert not Commission.objects.exists()


def test_without_the_first_premium_nothing_is_earned_yet(seller):
    assert apply(seller, initial_premium_paid=False).status == "ACCEPTED"
    assert not Commission.objects.exists()
    assert SalesRecord.objects.get().reached == 0
