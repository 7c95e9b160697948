"""Measurement runs: what they keep, that they can be repeated, and when they are refused."""

from __future__ import annotations

import copy
import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from accounting import services
from accounting.models import (
    AssumptionSet,
    ContractGroup,
    FiscalPeriod,
    JournalEntry,
    MeasurementFact,
    MeasurementInput,
    MeasurementOrder,
    MeasurementRun,
    YieldCurve,
)
from accounting.rules import archive
from accounting.rules.assumptions import MissingPortfolio
from accounting.rules.monthly import NotAllocable
from accounting.selectors import controls, curves, inputs, measured
from accounting.services import closing, measuring, ordering
from core import outbox
from core.acting import acting
from core.models import OutboxMessage
from tests.factories import contracts as factory

from .world import NOVEMBER, insurer, live, without_close

pytestmark = pytest.mark.django_db


@pytest.fixture
def november(settings) -> FiscalPeriod:
    """A November that has been lived through and waits for its close."""
    insurer()
    settings.CHAIN = without_close()
    live(NOVEMBER)
    return FiscalPeriod.objects.get(pk="2026-11")


def measure(period: FiscalPeriod, **given) -> MeasurementRun:
    with acting("kim"):
        run = measuring.measure(period, business_date=NOVEMBER, **given)
    assert run is not None
    return run


def other_set() -> AssumptionSet:
    values = copy.deepcopy(AssumptionSet.objects.get(version=1).values)
    values["lines"]["TERM"]["claims_factor"] = 1.4
    with acting("kim"):
        return services.assumptions.draft(values=values, start=dt.date(2027, 1, 31))


def allocating(**options) -> AssumptionSet:
    values = copy.deepcopy(AssumptionSet.objects.get(version=1).values)
    values["lines"]["ACCIDENT"]["paa"] = options
    with acting("kim"):
        return services.assumptions.draft(values=values, start=dt.date(2027, 1, 31))


class TestARun:
    def test_is_reproduced_from_its_inputs_byte_for_byte(self, november):
        run = measure(november)
        raw = archive.restored(run.inputs.data)
        again = inputs.pack(inputs.unpack(raw))
        assert again == raw
        assert archive.sha256(raw) == run.inputs_id
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("UPDATE contracts SET sum_assured = sum_assured * 2")
            cursor.execute("SET LOCAL session_replication_role = origin")
        assert measuring.reproduce(run) == run.facts_hash

    def test_of_inputs_that_were_changed_is_not_believed(self, november):
        run = measure(november)
        other = archive.compressed(archive.restored(run.inputs.data)[:-8] + b"12345678")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("UPDATE measurement_inputs SET data = %s", [other])
            cursor.execute("SET LOCAL session_replication_role = origin")
        run = MeasurementRun.objects.get(pk=run.pk)
        with pytest.raises(measuring.NotReproduced, match="not those"):
            measuring.reproduce(run)

    def test_supersedes_the_one_before_and_shares_its_inputs(self, november):
        first, second = measure(november), measure(november)
        assert (first.supersedes, second.supersedes) == (None, first)
        assert first.inputs_id == second.inputs_id
        assert first.facts_hash == second.facts_hash
        assert MeasurementInput.objects.count() == 1
        assert MeasurementFact.objects.filter(run=first).exists()

    def test_posts_nothing_until_the_close(self, november):
        before = JournalEntry.objects.count()
        run = measure(november)
        assert JournalEntry.objects.count() == before
        assert run.event_id is None
        with acting("batch:close"):
            closing.close(november.pk, business_date=NOVEMBER)
        posted = MeasurementRun.objects.get(event_id__isnull=False)
        assert posted.supersedes == run
        assert posted.facts_hash == run.facts_hash
        assert measured.run_of(november.pk) == posted

    def test_foots_in_the_database(self, november):
        run = measure(november)
        group = ContractGroup.objects.first()
        with pytest.raises(IntegrityError, match="do not foot"), transaction.atomic():
            MeasurementFact.objects.create(
                run=run, group=group, estimate="CSM", amount_type="X", step="CLOSING", amount=1
            )
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            MeasurementFact.objects.filter(run=run).update(amount=0)

    def test_keeps_flows_whose_value_is_the_present_value(self, november):
        run = measure(november)
        curve = curves.drawn(run.curve)
        flows = {f.amount_type: f.amounts for f in run.flows.filter(group_id="TERM-2026-B")}
        months = [(month + 0.5) / 12 for month in range(len(flows["CLAIMS"]))]
        worth = sum(
            float(a) * p for a, p in zip(flows["CLAIMS"], curve.discount(months), strict=True)
        )
        fact = run.facts.get(
            group_id="TERM-2026-B",
            estimate="PVFCF",
            amount_type="CLAIMS",
            basis="C",
            step="CLOSING",
        )
        assert float(fact.amount) == pytest.approx(worth, abs=0.51)

    def test_of_what_if_is_beside_the_books(self, november):
        books = measure(november)
        asked = measure(november, purpose="WHATIF", chosen=other_set())
        assert asked.supersedes is None
        assert measured.run_of(november.pk) == books
        csm = {run.pk: measured.roll_forward(run, "CSM").total("CLOSING") for run in (books, asked)}
        assert csm[asked.pk] < csm[books.pk]
        with acting("batch:close"):
            closing.close(november.pk, business_date=NOVEMBER)
        again = measure(FiscalPeriod.objects.get(), purpose="WHATIF", chosen=asked.assumption_set)
        assert again.facts_hash == asked.facts_hash


class TestRefusals:
    def refuse(self, error: type[Exception], match: str, period: FiscalPeriod, **given) -> None:
        before = MeasurementRun.objects.count(), MeasurementInput.objects.count()
        with pytest.raises(error, match=match):
            measuring.measure(period, **{"business_date": NOVEMBER, **given})
        assert (MeasurementRun.objects.count(), MeasurementInput.objects.count()) == before

    def test_while_the_month_runs(self, november):
        day = dt.date(2026, 11, 29)
        self.refuse(measuring.PeriodNotOver, "2026-11 is not over", november, business_date=day)

    def test_of_books_that_are_closed(self, november):
        with acting("batch:close"):
            closing.close(november.pk, business_date=NOVEMBER)
        november.refresh_from_db()
        self.refuse(measuring.PeriodIsLocked, "what if", november)

    def test_without_assumptions(self, november):
        AssumptionSet.objects.update(period=("2030-01-01", None))
        self.refuse(measuring.NoAssumptions, "2026-11-30", november)

    def test_without_a_curve(self, november):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("UPDATE yield_curves SET base_date = base_date + 3650")
            cursor.execute("SET LOCAL session_replication_role = origin")
        assert not YieldCurve.objects.filter(base_date__lte=NOVEMBER).exists()
        self.refuse(curves.NoCurve, "2026-11-30", november)

    def test_with_a_set_that_lacks_a_portfolio(self, november):
        values = copy.deepcopy(AssumptionSet.objects.get(version=1).values)
        del values["lines"]["WHOLE"]
        lacking = AssumptionSet.objects.create(
            version=9, period=("2030-01-01", None), values=values, made_by="sql"
        )
        self.refuse(MissingPortfolio, "WHOLE", november, purpose="WHATIF", chosen=lacking)

    def test_without_permission_of_the_standard_to_allocate_premiums(self, settings):
        """Two years of cover: not the same as the general model; acquisition not to be expensed."""
        place = insurer()
        longer = {"sum_assured": 100_000_000, "term_months": 24, "pay_months": 12}
        factory.issued(place, 1, code="DRIVER01", plan=longer, start=5_000)
        settings.CHAIN = without_close()
        live(NOVEMBER)
        month = FiscalPeriod.objects.get(pk="2026-11")
        self.refuse(NotAllocable, "covers 24 months, and premium allocation misses", month)
        run = measure(month, purpose="WHATIF", chosen=allocating(tolerance=0.2))
        asked = {k: v for k, v in run.assumptions["eligibility"].items() if v["months"] == 24}
        assert [(one["short"], one["tolerance"]) for one in asked.values()] == [(False, 0.2)]
        assert 0.05 < next(iter(asked.values()))["difference"] <= 0.2
        other = allocating(tolerance=0.2, acquisition="EXPENSE")
        self.refuse(NotAllocable, "Defer them", month, purpose="WHATIF", chosen=other)


class TestOrders:
    def order(self, **given) -> MeasurementOrder:
        with acting("kim"):
            return ordering.order(
                **{
                    "period": "2026-11",
                    "purpose": "BOOKS",
                    "business_date": NOVEMBER,
                    "note": "점검",
                    **given,
                }
            )

    def drain(self) -> None:
        for message in OutboxMessage.objects.exclude(state="DONE"):
            outbox.deliver(message.pk)

    def test_a_worker_carries_it_out_once(self, november):
        made = self.order()
        assert made.status == "WAITING"
        self.drain()
        made.refresh_from_db()
        assert (made.status, made.run.made_by, made.run.number) == ("DONE", "kim", 1)
        assert ordering.stage_of(made.pk) == len(ordering.STAGES) - 1
        ordering.carry_out(made.pk, business_date=NOVEMBER)
        assert MeasurementRun.objects.count() == 1

    def test_what_forbids_it_is_written_on_it(self, november):
        made = self.order()
        AssumptionSet.objects.update(period=("2030-01-01", None))
        self.drain()
        made.refresh_from_db()
        assert made.status == "REFUSED"
        assert "2026-11-30" in made.refusal
        assert not MeasurementRun.objects.exists()

    def test_is_refused_at_once_where_it_could_only_fail(self, november):
        with pytest.raises(measuring.PeriodNotOver):
            self.order(business_date=dt.date(2026, 11, 2))
        with pytest.raises(services.periods.NoSuchPeriod):
            self.order(period="2031-01")
        assert not MeasurementOrder.objects.exists()


def test_the_nightly_proof_sees_a_ledger_that_left_the_measurement(november):
    with acting("batch:close"):
        closing.close(november.pk, business_date=NOVEMBER)
    findings = {name: breaches for name, breaches, _first in controls.findings()}
    for name in (
        "measurements foot, margins and losses are never negative",
        "measurements open where the month before closed",
        "measured liabilities equal the ledger",
    ):
        assert findings[name] == 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE account_balances SET closing = closing + 1"
            " WHERE account_code = '2130' AND group_code = 'TERM-2026-B'"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    after = {name: (breaches, first) for name, breaches, first in controls.findings()}
    breaches, first = after["measured liabilities equal the ledger"]
    assert breaches == 2
    assert "TERM-2026-B CSM" in first
