"""Groups by profitability: tested once at issue, evidence kept, never moved."""

from __future__ import annotations

import copy
import datetime as dt

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounting import services
from accounting.models import (
    AssumptionSet,
    ContractGroup,
    FiscalPeriod,
    GroupMember,
    LedgerLine,
    MeasurementRun,
    ProfitabilityTest,
)
from accounting.selectors import controls, members, recognition
from accounting.services import closing
from contracts.events import ContractsIssued
from contracts.models import Contract
from core.acting import acting
from core.events import column_kinds, first, publish
from products import api as products
from tests.factories import contracts as factory
from tests.factories.sales import person

from .batches import issued
from .world import NOVEMBER, START, live, without_close

pytestmark = pytest.mark.django_db


def assume(**changes) -> AssumptionSet:
    """Put a set in force in which TERM is assumed otherwise."""
    values = copy.deepcopy(AssumptionSet.objects.get(version=1).values)
    values["lines"]["TERM"] |= changes
    with acting("kim"):
        made = services.assumptions.draft(values=values, start=dt.date(2026, 11, 1))
    with acting("lee"):
        services.assumptions.activate(made.pk)
    return made


def sold(count: int = 1, **given) -> list[GroupMember]:
    place = factory.world(START, "TERM01", "DRIVER01")
    numbers = factory.issued(place, count, **given)
    return list(GroupMember.objects.filter(pk__in=numbers).select_related("group", "test"))


class TestAtIssue:
    def test_alike_contracts_are_tested_once_and_keep_the_evidence(self):
        some = sold(3)
        assert len(some) == 3
        test = ProfitabilityTest.objects.get()
        assert {m.test_id for m in some} == {test.pk}
        assert test.fulfilment == test.outflows + test.risk_adjustment - test.premiums
        assert test.worst > test.fulfilment
        assert (test.assumption_set.version, test.tested_on) == (1, START)
        assert test.curve is not None
        assert {m.group.profitability for m in some} == {test.result}

    def test_a_profitable_contract_that_stresses_do_not_turn_is_safe(self):
        assume(claims_factor=0.2)
        (one,) = sold()
        assert (one.group_id, one.test.result) == ("TERM-2026-B", "SAFE")
        assert one.test.worst <= 0

    def test_a_profitable_contract_that_stresses_turn_is_among_the_remaining(self):
        assume(stress={"claims": 2.0, "expenses": 2.0, "lapse": 0.5})
        (one,) = sold()
        assert one.test.fulfilment < 0 < one.test.worst
        assert (one.group_id, one.group.profitability) == ("TERM-2026", "OTHER")

    def test_a_contract_that_costs_more_than_it_brings_is_onerous(self):
        assume(claims_factor=3.0)
        (one,) = sold()
        assert (one.group_id, one.group.profitability) == ("TERM-2026-A", "ONEROUS")
        assert one.test.fulfilment > 0

    def test_everything_booked_on_a_contract_stands_in_its_group(self):
        assume(claims_factor=3.0)
        some = sold(2)
        codes = set(LedgerLine.objects.exclude(group_code="").values_list("group_code", flat=True))
        assert codes == {some[0].group_id} == {"TERM-2026-A"}
        assert not ContractGroup.objects.filter(pk="TERM-2026").exists()

    def test_the_test_is_the_fulfilment_of_the_measurement(self):
        """Premium less outflows of the unit contract by hand from the flows of the run."""
        (one,) = sold()
        test = one.test
        contract = Contract.objects.get(pk=one.pk)
        version = products.version_by_id(contract.version_id)
        sets = {
            "version_id": np.array([version.pk]),
            "sex": np.array([contract.sex], object),
            "insurance_age": np.array([contract.insurance_age]),
            "term_months": np.array([contract.term_months]),
            "total_instalments": np.array([240]),
            "loading_percent": np.array([0]),
            "sum_assured": np.array([int(contract.sum_assured)]),
            "premium": np.array([int(contract.premium_amount)]),
            "line": np.array(["TERM"], object),
            "cohort_year": np.array([2026]),
        }
        on = recognition.basis(START)
        assert on is not None
        twice = {k: np.repeat(v, 2) for k, v in sets.items()}
        found = recognition.assess(twice, START, on)
        assert found.fulfilment[0] == found.fulfilment[1]
        assert float(test.fulfilment) == pytest.approx(found.fulfilment[0], abs=0.01)
        due = float(contract.premium_amount) * 240
        assert 0.2 * due < found.premiums[0] < 0.8 * due  # lapses, deaths and interest

    def test_motor_is_tested_by_the_same_flows(self):
        (one,) = sold(code="DRIVER01", start=1_000)
        assert one.group.measurement == "PAA"
        assert one.test.line == "ACCIDENT"

    def test_a_portfolio_that_is_not_assumed_is_not_tested(self):
        values = copy.deepcopy(AssumptionSet.objects.get(version=1).values)
        del values["lines"]["TERM"]
        with acting("kim"):
            made = services.assumptions.draft(values=values, start=dt.date(2026, 11, 1))
        with acting("lee"):
            services.assumptions.activate(made.pk)
        (one,) = sold()
        assert (one.group_id, one.test_id) == ("TERM-2026", None)

    def test_is_a_piece_of_the_batch_that_issues(self):
        """Groups are given before the first handler of money hears of the contracts."""
        seen = []

        class Heard(ContractsIssued):
            name = "tests.groups_first.v1"

        first(Heard)(lambda event: seen.append("first"))
        Heard.booked.connect(lambda **_: seen.append("booked"), weak=False)
        with transaction.atomic():
            kept = issued()
            columns = {name: getattr(kept, name) for name in column_kinds(ContractsIssued)}
            publish(Heard(business_date=START, **columns))
        assert seen == ["first", "booked"]


class TestNeverMoves:
    def refused(self, match: str, **given) -> None:
        before = GroupMember.objects.count()
        usual = {"pk": "CON-X", "group_id": "TERM-2026", "recognised_on": START}
        with pytest.raises(IntegrityError, match=match), transaction.atomic():
            GroupMember.objects.create(**{**usual, **given})
        assert GroupMember.objects.count() == before

    def test_in_the_database(self):
        (one,) = sold()
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            GroupMember.objects.filter(pk=one.pk).update(group_id="TERM-2026-A")
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            ProfitabilityTest.objects.filter(pk=one.test_id).update(worst=0)

    def test_into_another_cohort_portfolio_or_result(self):
        (one,) = sold()
        ContractGroup.objects.create(
            pk="TERM-2026-A",
            line="TERM",
            cohort_year=2026,
            profitability="ONEROUS",
            measurement="GMM",
        )
        ContractGroup.objects.create(
            pk="WHOLE-2026-B",
            line="WHOLE",
            cohort_year=2026,
            profitability=one.test.result,
            measurement="GMM",
        )
        self.refused("no group", group_id="TERM-2031")
        self.refused("no test puts it", group_id="TERM-2026-A")
        self.refused("not in the cohort", recognised_on="2027-01-01", group_id="TERM-2026-A")
        self.refused("its test found", group_id="TERM-2026-A", test=one.test)
        self.refused("its test found", group_id="WHOLE-2026-B", test=one.test)

    def test_a_group_has_one_currency_portfolio_and_profitability(self):
        (one,) = sold()
        for column, value in (("currency", "USD"), ("line", "WHOLE"), ("profitability", "ONEROUS")):
            with pytest.raises(IntegrityError, match="fixed"), transaction.atomic():
                ContractGroup.objects.filter(pk=one.group_id).update(**{column: value})

    def test_and_the_nightly_proof_sees_who_was_moved(self):
        (one,) = sold()
        name = "every contract has its group of portfolio, cohort and profitability"
        assert {n: b for n, b, _f in controls.findings()}[name] == 0
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("DELETE FROM group_members")
            cursor.execute("SET LOCAL session_replication_role = origin")
        assert {n: (b, f) for n, b, f in controls.findings()}[name] == (1, one.pk)


def test_an_onerous_group_loses_on_day_one_through_run_and_ledger(settings):
    assume(claims_factor=3.0)
    some = sold(2)
    settings.CHAIN = without_close()
    live(NOVEMBER)
    with acting("batch:close"):
        closing.close("2026-11", business_date=NOVEMBER)
    run = MeasurementRun.objects.get()
    of = {
        (f.estimate, f.step): int(f.amount)
        for f in run.facts.filter(group_id="TERM-2026-A", basis="C", amount_type="")
    }
    assert of["LC", "NEW"] > 0
    assert of["CSM", "CLOSING"] == 0
    lines = LedgerLine.objects.filter(group_code="TERM-2026-A", account_id="5140")
    assert sum(line.debit_amount - line.credit_amount for line in lines) > 0
    expected = sum(float(one.test.fulfilment) for one in some)
    assert of["LC", "NEW"] == pytest.approx(expected, rel=1e-6)
    assert FiscalPeriod.objects.get(pk="2026-11").status == "CLOSED"


def test_the_list_says_why(settings):
    some = sold(2)
    settings.CHAIN = without_close()
    live(NOVEMBER)
    with acting("kim"):
        services.measuring.measure(FiscalPeriod.objects.get(pk="2026-11"), business_date=NOVEMBER)
    client = Client()
    client.force_login(person("alice", "accountant"))
    group = some[0].group_id
    evidence = members.evidence()[group]
    assert (evidence.contracts, evidence.untested, evidence.sets) == (2, 0, 1)
    assert evidence.fulfilment == round(2 * float(some[0].test.fulfilment))
    page = client.get(reverse("accounting:run_groups", args=["2026-11-1"])).content.decode()
    assert "No significant possibility of becoming onerous" in page
    page = client.get(reverse("accounting:run_group", args=["2026-11-1", group])).content.decode()
    assert "TERM01 v1" in page
    why = client.get(reverse("why", args=["grouped", group])).content.decode()
    assert "IFRS 17.14" in why
    assert client.get(reverse("why", args=["grouped", "NONE-1"])).status_code == 404
