"""Events become balanced entries, once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from accounting import services
from accounting.models import (
    ContractGroup,
    FiscalPeriod,
    JournalBatch,
    JournalEntry,
    LedgerLine,
)
from accounting.selectors import ledger
from accounting.services import groups, periods, posting
from contracts.models import Contract
from core.events import publish
from investments.events import (
    AssetIncomeReceived,
    AssetsPurchased,
    AssetsRevalued,
    AssetsSold,
    InterestAccrued,
    InterestCollected,
)
from sales.events import CommissionsSettled
from tests.factories import contracts as factory

from .batches import DAY, accrued, batch, billed, collected, ended, issued, paid, received


@pytest.mark.django_db
class TestPost:
    def entries(self) -> list[tuple]:
        rows = LedgerLine.objects.order_by("entry_id", "line_no")
        return list(rows.values_list("account_id", "debit_amount", "credit_amount", "reference_id"))

    def test_a_contract_posts_premium_and_memorandum_reserve(self):
        assert services.post(issued(2)) == 4
        assert self.entries() == [  # what is looked up together stands together
            ("1110", 30_000, 0, "CON-2026-0000001"),
            ("2110", 0, 30_000, "CON-2026-0000001"),
            ("9110", 1_200, 0, "CON-2026-0000001"),
            ("9120", 0, 1_200, "CON-2026-0000001"),
            ("1110", 30_000, 0, "CON-2026-0000002"),
            ("2110", 0, 30_000, "CON-2026-0000002"),
            ("9110", 1_200, 0, "CON-2026-0000002"),
            ("9120", 0, 1_200, "CON-2026-0000002"),
        ]
        group = ContractGroup.objects.get()
        assert (group.pk, group.measurement) == ("TERM-2026", "GMM")
        assert set(LedgerLine.objects.values_list("group_code", flat=True)) == {"", "TERM-2026"}
        assert FiscalPeriod.objects.get().pk == "2026-03"

    def test_premium_allocation_has_its_own_account(self):
        services.post(issued(1, line="ACCIDENT", measurement="PAA", reserve=0))
        services.post(billed(1, line="ACCIDENT"))
        assert [row[0] for row in self.entries()] == ["1110", "2150", "1310", "2150"]

    def test_zero_posts_nothing_but_is_noted(self):
        event = issued(1, received=0, reserve=0)
        assert services.post(event) == 0
        assert not JournalEntry.objects.exists()
        assert JournalBatch.objects.get().event_id == event.event_id

    def test_the_same_event_posts_once(self):
        event = issued(3)
        assert services.post(event) == 6
        assert services.post(event) == 0
        assert JournalEntry.objects.count() == 6

    def test_the_same_event_with_other_content_is_refused(self):
        event = issued(3)
        services.post(event)
        before = self.entries()
        with pytest.raises(posting.PostingConflict):
            services.post(issued(3, received=31_000, event_id=event.event_id))
        assert self.entries() == before

    def test_one_event_may_bill_a_contract_twice(self):
        services.post(issued(1))
        numbers = ["CON-2026-0000001"] * 2
        assert services.post(billed(2, contract_id=numbers, instalment=[2, 3])) == 2

    def test_the_river_reaches_its_accounts(self):
        for event in (
            issued(1),
            accrued(1),
            billed(1),
            collected(1),
            received(1),
            paid(1, released=5_000_000),
            ended(1),
        ):
            services.post(event)
        total = LedgerLine.objects.values_list("account_id", "debit_amount", "credit_amount")
        balance: dict[str, int] = {}
        for account, debit, credit in total:
            balance[account] = balance.get(account, 0) + int(debit - credit)
        assert sum(balance.values()) == 0
        assert balance == {
            "1110": 30_000 + 30_000 - 4_081_500 - 12_345,
            "1310": 0,
            "2110": -60_000 + 12_345,
            "2120": 90_000,
            "2210": 0,
            "2310": -90_000,
            "5110": 5_000_000,
            "5120": -1_000_000,
            "5150": 80_000,
            "5170": 1_500,
            "9110": 1_200,
            "9120": -1_200,
        }

    def test_what_a_contract_earns_its_sellers_is_one_entry(self):
        services.post(
            accrued(
                3, contract_id=["C1", "C2", "C1"], agent_id=["A1", "A1", "A2"], amount=[7, 8, 9]
            )
        )
        assert JournalEntry.objects.count() == 2
        rows = [(a, int(d), int(c), r) for a, d, c, r in self.entries()]
        assert rows == [
            ("2120", 16, 0, "C1"),
            ("2310", 0, 7, "A1"),
            ("2310", 0, 9, "A2"),
            ("2120", 8, 0, "C2"),
            ("2310", 0, 8, "A1"),
        ]

    def test_facts_of_a_shared_entry_are_shown_together(self):
        event = accrued(3, contract_id=["C1", "C2", "C1"], agent_id=["A1", "A1", "A2"])
        publish(event)
        shared, alone = JournalEntry.objects.order_by("entry_id")
        record = ledger.event(event.event_id)
        found = ledger.facts_of(shared, record)
        assert (found["contract_id"], found["agent_id"]) == ("C1", "A1, A2")
        assert found["amount"] == 2 * ledger.facts_of(alone, record)["amount"]

    def test_investments(self):
        bond = {"asset_id": "AST-1", "asset_type": "BOND", "classification": "FVOCI"}
        services.post(batch(AssetsPurchased, **bond, amount=1_000))
        services.post(batch(InterestAccrued, **bond, coupon=30, amortised=-2))
        services.post(batch(AssetsRevalued, **bond, change=-50))
        services.post(batch(InterestCollected, asset_id="AST-1", asset_type="BOND", amount=30))
        services.post(batch(AssetsSold, **bond, proceeds=900, carrying=948, gain=-48, oci=-50))
        rows = [(a, int(d), int(c)) for a, d, c, _ in self.entries()]
        assert rows == [
            ("1220", 1_000, 0),
            ("1110", 0, 1_000),
            ("1260", 30, 0),
            ("1220", 0, 2),
            ("4310", 0, 28),
            ("1220", 0, 50),
            ("3510", 50, 0),
            ("1110", 30, 0),
            ("1260", 0, 30),
            ("1110", 900, 0),
            ("1220", 0, 948),
            ("4350", 48, 0),
            ("3510", 0, 50),
            ("4350", 50, 0),
        ]

    def test_what_a_share_leaves_in_equity_stays_there(self):
        share = {"asset_id": "AST-2", "asset_type": "STOCK", "classification": "FVOCI"}
        services.post(batch(AssetsSold, **share, proceeds=130, carrying=130, oci=30))
        rows = [(a, int(d), int(c)) for a, d, c, _ in self.entries()]
        assert rows == [("1110", 130, 0), ("1220", 0, 130), ("3510", 30, 0), ("3310", 0, 30)]

    def test_dividends_and_rent(self):
        for kind, account in (("DIVIDEND", "4320"), ("RENT", "4330")):
            services.post(batch(AssetIncomeReceived, asset_id="AST-3", kind=kind, amount=7))
            assert self.entries()[-1][0] == account

    def test_a_statement_that_recovers_part_of_a_clawback(self):
        services.post(
            batch(
                CommissionsSettled,
                settlement_id="STL-1",
                agent_id="AG001",
                earned=100_000,
                recovered=40_000,
                withheld=1_980,
                net_paid=58_020,
            )
        )
        rows = [(a, int(d), int(c), r) for a, d, c, r in self.entries()]
        assert rows == [
            ("2310", 100_000, 0, "AG001"),
            ("1320", 0, 40_000, "AG001"),
            ("2320", 0, 1_980, "STL-1"),
            ("1110", 0, 58_020, "STL-1"),
        ]

    def test_a_group_is_measured_in_one_way(self):
        services.post(issued(1))
        with pytest.raises(groups.GroupConflict, match="another portfolio"):
            services.post(issued(1, start=2, measurement="PAA"))
        assert JournalEntry.objects.count() == 2

    def test_without_a_rule_the_act_is_refused(self):
        with pytest.raises(posting.NoPostingRule):
            services.post(issued(1, day=dt.date(1999, 12, 31)))
        assert not JournalBatch.objects.exists()

    def test_a_closed_month_refuses_the_act(self):
        place = factory.world(DAY)
        factory.issued(place)
        entries = JournalEntry.objects.count()
        assert entries == 3  # premium, reserve, commission
        FiscalPeriod.objects.update(status="CLOSED", closed_by="batch:close", seal="x")
        with pytest.raises(periods.PeriodIsClosed), transaction.atomic():
            factory.issued(place, start=10)
        assert Contract.objects.count() == 1
        assert JournalEntry.objects.count() == entries
        with pytest.raises(periods.PeriodIsClosed):
            services.post(issued(1, day=dt.date(2026, 2, 27)))
        assert services.post(issued(1, start=2, day=dt.date(2026, 4, 1))) == 2

    def test_a_batch_is_posted_by_a_fixed_number_of_queries(self, django_assert_num_queries):
        services.post(issued(1))
        with django_assert_num_queries(10):
            services.post(issued(200, start=10))
