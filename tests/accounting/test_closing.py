"""The monthly close: what it refuses, what it leaves, and that nobody changes it afterwards."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from django.db import connection, transaction

from accounting import services
from accounting.models import (
    AccountBalance,
    AssumptionSet,
    FinancialStatement,
    FiscalPeriod,
    JournalEntry,
    LedgerLine,
    MeasurementFact,
    MeasurementRun,
    PeriodSeal,
    StatementLine,
)
from accounting.rules.statements import balance_sheet, income_statement, ratios
from accounting.selectors import balances, seals
from accounting.selectors.statements import natures, portfolios
from accounting.services import closing, journals, periods
from accounting.services.journals import Row
from core import jobs
from core.acting import acting
from core.errors import NotAllowed
from core.models import EventRecord, JobFailure, JobRun, OutboxMessage
from core.rehearsal import rehearse

from .batches import issued
from .world import DECEMBER, JANUARY, NOVEMBER, START, insurer, live, without_close

pytestmark = pytest.mark.django_db
NIGHT = "batch:close"


@pytest.fixture
def november(settings) -> str:
    """A November that has been lived through and waits for its close."""
    insurer()
    settings.CHAIN = without_close()
    live(NOVEMBER)
    return "2026-11"


def written() -> tuple[int, ...]:
    """Count everything that a close writes."""
    return tuple(
        model.objects.count()
        for model in (
            JournalEntry,
            LedgerLine,
            MeasurementRun,
            MeasurementFact,
            AccountBalance,
            FinancialStatement,
            StatementLine,
            PeriodSeal,
            EventRecord,
            OutboxMessage,
        )
    )


def refuse(period: str, error: type[Exception], match: str = "", *, on: dt.date = NOVEMBER) -> None:
    before = written()
    with acting(NIGHT), pytest.raises(error, match=match):
        closing.close(period, business_date=on)
    assert written() == before
    assert FiscalPeriod.objects.get(pk=period).status == "OPEN"


class TestRefusals:
    def test_before_the_month_is_over(self, november):
        refuse(november, closing.NotReady, "2026-11-29 < 2026-11-30", on=dt.date(2026, 11, 29))

    def test_while_an_earlier_month_is_open(self, november):
        services.post(issued(1, day=dt.date(2026, 12, 1)))
        refuse("2026-12", closing.NotReady, "2026-11", on=DECEMBER)

    def test_while_an_event_is_not_posted(self, november):
        EventRecord.objects.create(
            event_id=uuid.uuid4(),
            name="contracts.issued.v1",
            rows=1,
            business_date=NOVEMBER,
            actor="x",
        )
        refuse(november, closing.NotReady, "contracts.issued.v1")

    @pytest.mark.parametrize("state", ["WAITING", "SENT", "PARKED"])
    def test_while_a_message_about_money_is_not_done(self, november, state):
        event = EventRecord.objects.filter(name="contracts.issued.v1").first()
        OutboxMessage.objects.create(
            event_id=event.event_id, name=event.name, handler="somewhere.later", state=state
        )
        refuse(november, closing.NotReady, "somewhere.later")

    def test_while_the_chain_left_something_undone(self, november):
        run = JobRun.objects.get(job="billing", business_date=NOVEMBER)
        JobFailure.objects.create(run=run, key="CON-1", reason="no bill")
        refuse(november, closing.NotReady, "no bill")

    def test_while_a_manual_journal_waits(self, november):
        with acting("kim"):
            journals.draft(
                entry_date=NOVEMBER, description="임차료", rows=[Row("5610", "1110", 100)]
            )
        refuse(november, closing.NotReady, "JNL-")

    def test_while_reserves_are_missing(self, settings):
        insurer()
        settings.CHAIN = [path for path in without_close() if "RESERVES" not in path]
        live(NOVEMBER)
        refuse("2026-11", closing.NotReady, "CON-2026-")

    def test_without_assumptions(self, november):
        AssumptionSet.objects.update(period=("2030-01-01", None))
        refuse(november, closing.NotReady, "2026-11-30")

    def test_twice(self, november):
        with acting(NIGHT):
            closing.close(november, business_date=NOVEMBER)
            before = written()
            with pytest.raises(periods.PeriodIsClosed):
                closing.close(november, business_date=NOVEMBER)
        assert written() == before

    def test_a_month_that_is_not_there(self, november):
        with acting(NIGHT), pytest.raises(periods.NoSuchPeriod):
            closing.close("2031-01", business_date=NOVEMBER)

    def test_a_ledger_that_was_posted_behind_the_events(self, november):
        """The measured liability must come out to the won; here someone booked on it in SQL."""
        day = NOVEMBER
        made = JournalEntry.objects.create(
            entry_date=day,
            period_id=november,
            event_id=uuid.uuid4(),
            event_name="accounting.liabilities_measured.v1",
            rule_id=1,
            reference_id="x",
            idempotency_key="x",
            description="",
            posted_by="sql",
        )
        LedgerLine.objects.bulk_create(
            LedgerLine(
                journal_id=made.pk * 1000 + number,
                entry=made,
                line_no=number,
                transaction_date=day,
                account_id=account,
                debit_amount=debit,
                credit_amount=5 - debit,
                reference_id="x",
                group_code="TERM-2026-B",
            )
            for number, (account, debit) in enumerate((("2110", 5), ("1110", 0)), 1)
        )
        refuse(november, services.measuring.LedgerDiffers, "TERM-2026-B")

    def test_a_person_needs_a_second_one(self, november):
        with acting("kim"):
            with pytest.raises(NotAllowed):
                closing.close(november, business_date=NOVEMBER)
            closing.request_close(november, business_date=NOVEMBER)
            with pytest.raises(NotAllowed):
                closing.close(november, business_date=NOVEMBER)
        with acting("lee"):
            closing.close(november, business_date=NOVEMBER)
        period = FiscalPeriod.objects.get()
        assert (period.requested_by, period.closed_by) == ("kim", "lee")


class TestAClosedMonth:
    @pytest.fixture
    def closed(self, november) -> FinancialStatement:
        with acting(NIGHT):
            return closing.close(november, business_date=NOVEMBER)

    def test_statements_tie_to_the_ledger(self, closed):
        closing = balances.closing_at(NOVEMBER)
        held = balances.by_account(closing)
        assert sum(held.values()) == 0
        lines = balance_sheet(natures(), closing, portfolios())
        sheet = {a.definition.line: a.amount for a in lines}
        stored = {(row.section, row.line): int(row.amount) for row in StatementLine.objects.all()}
        for line, amount in sheet.items():
            assert stored["BS", line] == amount
        assert stored["BS", "ASSETS"] == stored["BS", "LIABILITIES_AND_EQUITY"]
        assert stored["IS", "NET_INCOME"] == stored["BS", "CURRENT_YEAR"] == closed.net_income
        assert closed.total_assets == stored["BS", "ASSETS"]
        assert closed.csm_amount == -held["2130"] > 0
        assert stored["IS", "INS_REVENUE"] > 0
        assert closed.status == "CLOSED"

    def test_measured_groups_equal_the_ledger(self, closed):
        run = MeasurementRun.objects.get()
        rows = run.facts.filter(basis="C", amount_type="", step="CLOSING")
        closing = {(f.group_id, f.estimate): int(f.amount) for f in rows}
        groups = {group for group, _estimate in closing}
        assert groups == {"ACCIDENT-2026", "TERM-2026-B", "WHOLE-2026-B"}
        held = balances.closing_at(NOVEMBER)
        for group in groups:
            lrc = -sum(v for (a, g), v in held.items() if g == group and a.startswith("21"))
            assert lrc == closing[group, "LRC"]
            assert -held.get(("2130", group), 0) == closing.get((group, "CSM"), 0)
            assert -held.get(("2220", group), 0) == closing[group, "IBNR"]
            assert -held.get(("2340", group), 0) == closing[group, "COST"] > 0
        assert -held["2170", "TERM-2026-B"] == closing["TERM-2026-B", "RA"] > 0
        assert run.facts.get(group_id="TERM-2026-B", estimate="CSM", step="NEW").amount > 0
        assert 0 < run.assumptions["rates"]["TERM-2026-B"] < 0.05

    def test_snapshots_carry_into_the_next_month(self, closed):
        before = balances.closing_at(NOVEMBER)
        assert AccountBalance.objects.count() == len(before)
        assert balances.closing_at(NOVEMBER + dt.timedelta(days=1)) == before

    def test_the_books_of_the_month_are_shut(self, closed):
        with pytest.raises(periods.PeriodIsClosed), transaction.atomic():
            services.post(issued(1, day=NOVEMBER))
        with acting("kim"), pytest.raises(periods.PeriodIsClosed):
            journals.draft(entry_date=NOVEMBER, description="소급", rows=[Row("5610", "1110", 100)])

    def test_the_seal_verifies_and_names_what_was_tampered_with(self, closed):
        assert seals.broken() == []
        line = LedgerLine.objects.order_by("journal_id").first()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # a superuser's way
            cursor.execute(
                "UPDATE general_ledger SET reference_id = 'X' WHERE journal_id = %s",
                [line.pk],
            )
            cursor.execute("SET LOCAL session_replication_role = origin")
        (found,) = seals.broken()
        assert found.startswith(f"2026-11: lines {line.pk}–")

    def test_a_line_slipped_in_is_found(self, closed):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(
                "INSERT INTO general_ledger (journal_id, entry_id, line_no, transaction_date,"
                " account_code, debit_amount, credit_amount, reference_id, group_code, description)"
                " VALUES (1099, 1, 99, %s, '1110', 1, 0, '', '', '')",
                [NOVEMBER],
            )
            cursor.execute("SET LOCAL session_replication_role = origin")
        assert len(seals.broken()) == 1

    def test_ratios(self, closed):
        income = {r.line: int(r.amount) for r in closed.lines.filter(section="IS")}
        found = ratios(income)
        assert found["combined"] == pytest.approx(found["loss"] + found["expense"])


def test_the_preview_writes_nothing(november):
    before = written()
    with acting(NIGHT):
        seen = rehearse(lambda: closing.close(november, business_date=NOVEMBER))
    moved = dict(seen.events)["accounting.liabilities_measured.v1"]
    assert moved > 3 * len(("ACCIDENT", "TERM", "WHOLE"))
    assert written() == before
    assert FiscalPeriod.objects.get().status == "OPEN"


def test_the_chain_closes_months_and_carries_the_year():
    insurer()
    live(JANUARY)
    assert list(FiscalPeriod.objects.order_by("pk").values_list("pk", "status", "closed_by")) == [
        ("2026-11", "CLOSED", NIGHT),
        ("2026-12", "CLOSED", NIGHT),
        ("2027-01", "CLOSED", NIGHT),
    ]
    year = FinancialStatement.objects.filter(closing_period__startswith="2026")
    earned = sum(int(s.net_income) for s in year)
    at_new_year = balances.by_account(balances.closing_at(DECEMBER))
    assert -at_new_year["3310"] - at_new_year["3320"] == earned
    assert -at_new_year["3320"] >= 0  # surrender values above the liability stay in the company
    assert not any(at_new_year[a] for a in at_new_year if a[0] in "45")
    december = FinancialStatement.objects.get(closing_period="2026-12")
    lines = {(r.section, r.line): int(r.amount) for r in december.lines.all()}
    assert lines["IS", "NET_INCOME"] == december.net_income != 0
    assert lines["BS", "CURRENT_YEAR"] == 0
    january = FinancialStatement.objects.get(closing_period="2027-01")
    kept = january.lines.filter(section="BS", line__in=["RETAINED", "SURRENDER_RESERVE"])
    assert sum(row.amount for row in kept) == earned
    assert january.lines.get(section="BS", line="CURRENT_YEAR").amount == january.net_income
    assert seals.broken() == []
    runs = MeasurementRun.objects.order_by("period")
    for before, after in pairwise(runs):
        closings = dict(
            before.facts.filter(step="CLOSING", estimate="LRC").values_list("group_id", "amount")
        )
        openings = dict(
            after.facts.filter(step="OPENING", estimate="LRC").values_list("group_id", "amount")
        )
        assert closings == openings


def test_a_refused_close_is_a_failure_of_the_night_that_can_be_retried(settings):
    insurer()
    live(dt.date(2026, 11, 29))
    with acting("kim"):
        journal = journals.draft(
            entry_date=NOVEMBER, description="임차료", rows=[Row("5610", "1110", 100)]
        )
    live(NOVEMBER)
    failure = JobFailure.objects.get()
    assert "JNL-" in failure.reason
    assert FiscalPeriod.objects.get().status == "OPEN"
    with acting("lee"):
        journals.approve(journal.pk)
    jobs.retry_failure(failure)
    assert FiscalPeriod.objects.get().status == "CLOSED"


@pytest.mark.django_db(transaction=True)
def test_who_posts_during_the_close_is_in_it_or_refused():
    """Two posters and a close at once: the closed books hold exactly what was committed."""
    insurer(contracts=1)
    live(dt.date(2026, 11, 29))
    inside, let_go = threading.Event(), threading.Event()

    def in_thread(act: Callable[[], object]) -> Callable[[], object]:
        def run() -> object:
            try:
                return act()
            finally:
                connection.close()

        return run

    def early() -> None:
        with transaction.atomic():
            services.post(issued(1, day=START, start=9_000, received=777, reserve=0))
            inside.set()
            let_go.wait(20)

    def close() -> None:
        inside.wait(20)
        threading.Timer(0.5, let_go.set).start()
        live(NOVEMBER)

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(in_thread(early)), pool.submit(in_thread(close))
        one.result(60)
        two.result(60)
    assert FiscalPeriod.objects.get().status == "CLOSED"
    with pytest.raises(periods.PeriodIsClosed):
        services.post(issued(1, day=START, start=9_001))
    kept = balances.closing_at(NOVEMBER)
    fresh = balances.movements(START, NOVEMBER)
    assert kept == {key: debit - credit for key, (debit, credit) in fresh.items()}
    assert LedgerLine.objects.filter(account_id="1110", debit_amount=777).count() == 1
    assert seals.broken() == []


def test_income_and_balance_use_every_account():
    """Every account of the chart stands on exactly one line of the statements."""
    accounts = natures()
    held = {a.code: 1 for a in accounts}
    by_group = {(code, ""): amount for code, amount in held.items()}
    sheet = [a for a in balance_sheet(accounts, by_group, {}) if not a.definition.total]
    income = [a for a in income_statement(accounts, held) if not a.definition.total]
    on_sheet = [code for a in sheet for code in a.accounts]
    assert sorted(on_sheet) == sorted(a.code for a in accounts if not a.memorandum)
    on_income = [code for a in income for code in a.accounts]
    assert len(on_income) == len(set(on_income))
