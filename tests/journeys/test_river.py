"""One contract down the whole river: application, cover, claim, payout, recovery, ledger line.

Each person logs in by the login page and does only what is theirs. After each step the page and
the database must say the same amount. Worked by hand: a loss of 3,000,000 won with 20 % own fault
and a deductible of 100,000 is 2,300,000 payable; the quota share of 30 % gives 690,000 back.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from accounting.models import JournalEntry, LedgerLine
from claims.models import Adjustment, Claim, Payout
from contracts.models import Contract, PremiumBill, Underwriting
from core import clock
from reinsurance.models import Recovery
from sales.models import Application

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .conftest import Walker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PLAIN = {"java_script_enabled": False}
ACCIDENT, REPORT = date(2026, 3, 20), date(2026, 3, 23)
LOSS, PAID, RECOVERED = 3_000_000, 2_300_000, 690_000


def apply(walker: Walker, *, accidents: int) -> Application:
    """Let the agent fill in and submit an application for the driver product."""
    page = walker.enter("agent")
    walker.open("/sales/applications/new/")
    walker.send("a[href$='/applications/new/DRIVER01/']", "**/applications/new/DRIVER01/")
    page.fill("#id_applicant_name", "정운전")
    page.fill("#id_resident_number", "850315-1234567")
    page.fill("#id_phone", "010-1234-5678")
    page.select_option("#id_job_code", "2211")
    page.select_option("#id_plan", "12/12")
    page.fill("#id_sum_assured", "5000만")
    page.select_option("#id_ask_vehicle_use", "PRIVATE")
    page.check("[name=ask_drunk_driving_5y][value=no]")
    page.fill("#id_ask_accidents_3y", str(accidents))
    page.check("#id_explained")
    walker.send("#form button.btn-primary", "**/sales/applications/APP-*/")
    application = Application.objects.get()
    walker.says("정운전", "850315-1", f"{application.premium_amount:,.0f}", "50,000,000")
    expect(page.locator("body")).not_to_contain_text("1234567")
    assert (application.agent_id, application.sum_assured) == ("A00001", 50_000_000)
    return application


def underwrite(walker: Walker, application: Application) -> None:
    """Let the underwriter accept the referred application as it is."""
    assert application.status == "SUBMITTED"
    assert not Contract.objects.exists()
    page = walker.enter("underwriter")
    walker.open("/contracts/underwriting/")
    walker.says("정운전", "최근 3년 이내 교통사고 2~3회 심사 필요")
    page.check("[name=result][value=PASS]")
    page.fill("#id_comment", "경미한 접촉사고 2건, 표준 인수")
    walker.send("#decision button.btn-primary", "**/contracts/underwriting/")
    decided = Underwriting.objects.get()
    assert (decided.status, decided.result, decided.decider) == ("DECIDED", "PASS", "underwriter")


def check_cover(walker: Walker, application: Application) -> Contract:
    """Let policy servicing find the contract in force with its first premium collected."""
    contract = Contract.objects.get()
    walker.enter("servicing")
    walker.open("/contracts/")
    walker.send(f"a[href$='/contracts/{contract.pk}/']", f"**/contracts/{contract.pk}/")
    premium = application.premium_amount
    walker.says("정운전", "유지", f"{premium:,.0f}", "50,000,000", "수납")
    assert (contract.policy_status, contract.premium_amount) == ("ACTIVE", premium)
    bill = PremiumBill.objects.get()
    assert (bill.status, bill.amount, bill.instalment) == ("COLLECTED", premium, 1)
    cash = LedgerLine.objects.get(reference_id=contract.pk, account_id="1110")
    assert cash.debit_amount == premium
    walker.picture("contract")
    return contract


def receive(walker: Walker, contract: Contract) -> Claim:
    """Let the adjuster take the report of the accident."""
    page = walker.enter("adjuster")
    walker.open(f"/claims/new/?contract={contract.pk}")
    page.select_option("#id_claim_type", "INJURY")
    page.fill("#id_incident_on", ACCIDENT.isoformat())
    page.fill("#id_incident_time", "08:10")
    page.fill("#id_claimant_name", "정운전")
    page.fill("#id_claimed", "300만")
    page.fill("#id_provider_code", "PRV-2026-0000001")
    page.fill("#id_location", "서울 마포구")
    page.fill("#id_description", "교차로에서 추돌, 손목 골절")
    page.fill("#id_reported_on", REPORT.isoformat())
    page.fill("#id_reported_time", "09:30")
    walker.send("#form button.btn-primary", "**/claims/CLM-*/")
    claim = Claim.objects.get()
    walker.says("정운전", claim.pk, "3,000,000", "접수")
    assert (claim.status, claim.fds_gate, claim.case_reserve) == ("RECEIVED", "CLEAR", LOSS)
    return claim


def adjust(walker: Walker, claim: Claim) -> None:
    """Let the adjuster begin, assess and propose."""
    page, record = walker.page, f"**/claims/{claim.pk}/"
    walker.send(f"a[href$='/claims/{claim.pk}/start/']", "**/start/")
    walker.send("#main form.act button, #main form button.btn-primary", record)
    walker.send(f"a[href$='/claims/{claim.pk}/adjust/']", "**/adjust/")
    page.select_option("#id_coverage_code", "INJURY_COST")
    page.fill("#id_loss", "3,000,000")
    page.fill("#id_fault_percent", "20")
    page.fill("#id_deductible", "100,000")
    page.fill("#id_opinion", "진단서와 영수증으로 확인, 과실 20%")
    if walker.scripts:
        expect(page.locator("#preview")).to_contain_text("2,300,000")
    assert not Adjustment.objects.exists()
    walker.send("#form button.btn-primary", record)
    walker.says("2,300,000", "adjuster")
    proposal = Adjustment.objects.get()
    assert (proposal.status, proposal.payable) == ("PROPOSED", PAID)


def approve_and_pay(walker: Walker, claim: Claim) -> None:
    """Let the manager decide on the proposal and pay, each after seeing the entries."""
    page, record = walker.enter("claimsmgr"), f"**/claims/{claim.pk}/"
    walker.open(f"/claims/{claim.pk}/approve/")
    walker.says("2,300,000", "adjuster")
    page.fill("#id_note", "서류 확인")
    page.locator("#form button.btn-primary").click()
    page.wait_for_selector("button[name=_confirmed]")
    assert Adjustment.objects.get().status == "PROPOSED"
    walker.look()
    walker.send("button[name=_confirmed]", record)
    decided = Adjustment.objects.get()
    assert (decided.status, decided.made_by, decided.decided_by) == (
        "APPROVED",
        "adjuster",
        "claimsmgr",
    )
    walker.send(f"a[href$='/claims/{claim.pk}/pay/']", "**/pay/")
    expect(page.locator("#id_recipient")).to_have_value("정운전")
    page.locator("#form button.btn-primary").click()
    page.wait_for_selector("button[name=_confirmed]")
    walker.says("2,300,000", "정운전")
    assert not Payout.objects.exists()
    walker.look()
    walker.send("button[name=_confirmed]", record)
    walker.says("2,300,000", "지급 완료")
    payout = Payout.objects.get()
    assert (payout.payout_amount, payout.late_interest, payout.paid_by) == (PAID, 0, "claimsmgr")
    claim.refresh_from_db()
    assert (claim.status, claim.case_reserve) == ("PAID", 0)
    walker.picture("claim")


def recover(walker: Walker, claim: Claim) -> None:
    """Let reinsurance find what the quota share owes and record its payment."""
    owed = Recovery.objects.get()
    assert (owed.recovery_amount, owed.status) == (RECOVERED, "PENDING")
    page = walker.enter("reinsurance")
    walker.open("/reinsurance/recoveries/")
    walker.says("690,000", claim.pk)
    walker.open(f"/reinsurance/recoveries/{owed.pk}/")
    walker.says("690,000", "2,300,000", "코리안리")
    walker.send(f"a[href$='/recoveries/{owed.pk}/receive/']", "**/receive/")
    page.fill("#id_reference", "KRE-2026-0323")
    page.locator("#form button.btn-primary").click()
    page.wait_for_selector("button[name=_confirmed]")
    walker.look()
    walker.send("button[name=_confirmed]", f"**/reinsurance/recoveries/{owed.pk}/")
    walker.says("690,000", "KRE-2026-0323")
    owed.refresh_from_db()
    assert (owed.status, owed.received_on) == ("RECOVERED", REPORT)


def trace(walker: Walker, claim: Claim, contract: Contract) -> None:
    """Let the accountant go from the line of the payout back to the contract."""
    line = LedgerLine.objects.get(
        entry__event_name="claims.paid.v1", account_id="1110", credit_amount=PAID
    )
    walker.enter("accountant")
    page = walker.open(f"/accounting/lines/?q={claim.pk}")
    walker.says("2,300,000", claim.pk)
    walker.picture("ledger")
    entry = f"/accounting/entries/{line.entry_id}/"
    walker.send(f"a[href$='{entry}']", f"**{entry}")
    walker.says("2,300,000", "보험금 지급", "claims.paid.v1")
    walker.send(f"#main a[href$='/claims/{claim.pk}/']", f"**/claims/{claim.pk}/")
    walker.says("2,300,000")
    walker.send(f"#main a[href$='/contracts/{contract.pk}/']", f"**/contracts/{contract.pk}/")
    expect(page.locator("h1")).to_contain_text(contract.pk)
    walker.enter("executive")
    walker.open("/accounting/executive/")
    walker.picture("executive")


def books_hold(contract: Contract, claim: Claim) -> None:
    """Assert what the ledger holds at the end: balanced entries, cash to the won."""
    for entry in JournalEntry.objects.prefetch_related("lines"):
        lines = entry.lines.all()
        assert sum(x.debit_amount for x in lines) == sum(x.credit_amount for x in lines) > 0
    cash = LedgerLine.objects.filter(account_id="1110")
    moved = sum((x.debit_amount - x.credit_amount for x in cash), Decimal(0))
    assert moved == contract.premium_amount - PAID + RECOVERED
    held = LedgerLine.objects.filter(account_id="2210", reference_id=claim.pk)
    assert sum(x.debit_amount - x.credit_amount for x in held) == 0


def test_a_contract_flows_down_the_whole_river(page: Page, walker: Walker) -> None:
    application = apply(walker, accidents=2)
    underwrite(walker, application)
    contract = check_cover(walker, application)
    clock.advance(REPORT)
    claim = receive(walker, contract)
    adjust(walker, claim)
    approve_and_pay(walker, claim)
    recover(walker, claim)
    books_hold(contract, claim)
    trace(walker, claim, contract)
    assert (walker.complaints, walker.faults) == ([], {})


@pytest.mark.parametrize("page", [PLAIN], indirect=True)
def test_the_same_forms_work_without_scripts(page: Page, walker: Walker) -> None:
    walker.scripts = False
    application = apply(walker, accidents=0)
    assert application.status == "ACCEPTED"
    contract = Contract.objects.get()
    clock.advance(REPORT)
    claim = receive(walker, contract)
    adjust(walker, claim)
    approve_and_pay(walker, claim)
    assert Recovery.objects.get().recovery_amount == RECOVERED
    books_without = LedgerLine.objects.filter(account_id="1110")
    assert sum(x.debit_amount - x.credit_amount for x in books_without) == (
        contract.premium_amount - PAID
    )
    assert not walker.complaints
