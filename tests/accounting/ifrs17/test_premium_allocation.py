"""Premium allocation, incurred claims, and the notes that join them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules import ifrs17
from accounting.rules.ifrs17 import disclosure, errors, lic, paa
from accounting.rules.ifrs17.plan import Actual, Plan, Revision, walk
from tests.golden import agree, case

MONTHS = ((6, 4), (10, 0), (10, 0))


def example_10():
    given = case("ie10_paa").inputs
    coverage, incurred = [], []
    balance, claims = paa.unearned(), lic.claims()
    recognised = 0.0
    for k, (passed, left) in enumerate(MONTHS):
        revenue = paa.earned(given["premium"], passed=passed, left=left, recognised=recognised)
        recognised += float(revenue)
        first = k == 0
        one = paa.roll_allocation(
            balance,
            paa.AllocationPeriod(
                premiums=given["premium"] if first else 0,
                revenue=revenue,
                acquisition=given["acquisition"] if first else 0,
                acquisition_expensed=True,
            ),
        )
        settled = k == 2
        two = lic.roll_claims(
            claims,
            lic.ClaimsPeriod(
                incurred=given["claims_incurred"][k],
                incurred_ra=given["ra_on_claims"][k],
                past=given["settlement"]["paid"] - 1000 if settled else 0,
                past_ra=-60 if settled else 0,
                paid=given["settlement"]["paid"] if settled else 0,
            ),
        )
        balance, claims = one.closing, two.closing
        coverage.append(one)
        incurred.append(two)
    return coverage, incurred


class TestExample10:
    def test_liabilities_and_profit(self):
        coverage, incurred = example_10()
        lrc = [c.coverage["LRC"] for c in coverage]
        claims = [i.components for i in incurred]
        results = [disclosure.statement(c, i) for c, i in zip(coverage, incurred, strict=True)]
        cash = np.cumsum([-1200, 0, 1070])
        liability = np.array(
            [float(c.closing.total[0] + i.closing.total[0])
             for c, i in zip(coverage, incurred, strict=True)]
        )  # fmt: skip
        found = {
            "lrc": {
                "opening": [t["OPENING"][0] for t in lrc],
                "cash_in": [t["CASH_IN"][0] + t["ACQUISITION"][0] for t in lrc],
                "revenue": [t["REVENUE"][0] for t in lrc],
                "closing": [t["CLOSING"][0] for t in lrc],
            },
            "lic": {
                "opening": [c["TOTAL"]["OPENING"][0] for c in claims],
                "pv_change": [c["PV"]["INCURRED"][0] + c["PV"]["PAST"][0] for c in claims],
                "ra_change": [c["RA"]["INCURRED"][0] + c["RA"]["PAST"][0] for c in claims],
                "ise": [i.expense["INCURRED"][0] + i.expense["PAST"][0] for i in incurred],
                "cash_out": [c["TOTAL"]["CASH_OUT"][0] for c in claims],
                "closing": [c["TOTAL"]["CLOSING"][0] for c in claims],
            },
            "sofp": {"cash": cash, "liability": liability, "equity": -cash - liability},
            "pl": {
                "revenue": [r.revenue[0] for r in results],
                "service_expenses": [r.expense[0] for r in results],
                "profit": [r.profit[0] for r in results],
            },
        }
        example = case("ie10_paa")
        agree(found, example.exact)
        agree(found, example.published, tolerance=example.tolerance)

    def test_the_note_foots(self):
        coverage, incurred = example_10()
        for c, i in zip(coverage, incurred, strict=True):
            table = disclosure.by_liability(c, i)
            for miss in ifrs17.footing(table).values():
                assert miss == pytest.approx(0)
            total = table["TOTAL"]["CLOSING"]
            assert total == pytest.approx(c.closing.total + i.closing.total)


class TestAllocation:
    def test_the_general_model_agrees_where_nothing_is_discounted_or_changed(self):
        """Property 7: rate 0, no risk adjustment, service even: both models are one."""
        general = walk(Plan(claims=[900, 900], premiums=2000))
        recognised = 0.0
        balance = paa.unearned()
        for k, r in enumerate(general.periods, 1):
            revenue = float(paa.earned(2000, passed=k, left=2 - k, recognised=recognised))
            recognised += revenue
            one = paa.roll_allocation(
                balance,
                paa.AllocationPeriod(premiums=2000 if k == 1 else 0, revenue=revenue),
            )
            balance = one.closing
            assert revenue == pytest.approx(sum(float(v[0]) for v in r.revenue.values()))
            assert balance.total == pytest.approx(r.closing.total)

    @given(
        units=st.lists(st.floats(0.1, 10), min_size=1, max_size=6),
        premium=st.floats(0, 1e6),
        cost=st.floats(0, 1e5),
        acquisition=st.floats(0, 1e4),
    )
    def test_both_models_are_one_profitable_or_onerous(self, units, premium, cost, acquisition):
        """Property 7, claims falling with service: liability, loss component, revenue, profit."""
        claims = cost * np.array(units)
        walked = walk(
            Plan(claims=claims, premiums=premium, acquisition=acquisition, coverage_units=units)
        )
        balance, recognised = paa.unearned(), 0.0
        for k, r in enumerate(walked.periods):
            passed, left = sum(units[: k + 1]), sum(units[k + 1 :])
            revenue = float(paa.earned(premium, passed=passed, left=left, recognised=recognised))
            recognised += revenue
            one = paa.roll_allocation(
                balance,
                paa.AllocationPeriod(
                    premiums=premium if k == 0 else 0.0,
                    revenue=revenue,
                    acquisition=acquisition if k == 0 else 0.0,
                    acquisition_share=ifrs17.released_share(units[k], left),
                    fcf=claims[k + 1 :].sum(),
                ),
            )
            balance = one.closing
            near = {"abs": 1e-6 * (premium + claims.sum() + 1)}
            assert balance.total[0] == pytest.approx(r.closing.total[0], **near)
            assert balance.lc[0] == pytest.approx(r.closing.lc[0], **near)
            assert revenue == pytest.approx(sum(float(v[0]) for v in r.revenue.values()), **near)
            spent = float(one.expense["ACQUISITION"][0] + one.expense["LOSS"][0])
            assert revenue - spent - claims[k] == pytest.approx(float(r.profit[0]), **near)

    def test_where_they_part(self):
        example = case("ey52_gmm_vs_paa")
        one = paa.roll_allocation(
            paa.unearned(),
            paa.AllocationPeriod(premiums=2000, revenue=paa.earned(2000, passed=1, left=1)),
        )
        two = paa.earned(2000, passed=2, left=0, recognised=1000)
        found = {"revenue": [one.revenue[0], two], "lrc_y1": one.closing.total[0]}
        agree(found, example.exact["paa"])
        general = walk(
            Plan(claims=[900, 900], premiums=2000), revisions={1: Revision(claims=[950])}
        )
        assert general.periods[0].closing.total == pytest.approx(1025)

    def test_revenue_follows_expected_claims_where_risk_does(self):
        """B126(b): a winter cover earns its premium in winter."""
        assert paa.earned(1200, passed=90, left=10) == pytest.approx(1080)

    def test_deferred_acquisition_reduces_the_liability(self):
        one = paa.roll_allocation(
            paa.unearned(),
            paa.AllocationPeriod(
                premiums=1200, revenue=300, acquisition=100, acquisition_share=0.25
            ),
        )
        assert one.closing.total == pytest.approx(900 - 75)
        assert one.expense["ACQUISITION"] == pytest.approx(25)

    def test_a_financing_component_accretes(self):
        one = paa.roll_allocation(
            paa.unearned(premium=1000), paa.AllocationPeriod(revenue=550, finance=50)
        )
        assert one.closing.total == pytest.approx(500)

    def test_interest_runs_from_receipt(self):
        """56: 1,000 from the start and 500 received in the middle, 4 % a year."""
        assert paa.financing(1000, 500, 0.04, received_share=0.5) == pytest.approx(
            40 + 500 * (1.04**0.5 - 1)
        )
        assert paa.financing(1000, 500, 0.04, significant=False) == 0

    def test_onerous_then_not(self):
        one = paa.roll_allocation(
            paa.unearned(), paa.AllocationPeriod(premiums=1000, revenue=500, fcf=620)
        )
        assert one.closing.lc == pytest.approx(120)
        assert one.expense["LOSS"] == pytest.approx(120)
        assert one.closing.total == pytest.approx(620)
        two = paa.roll_allocation(one.closing, paa.AllocationPeriod(revenue=500, fcf=0))
        assert two.expense["LOSS"] == pytest.approx(-120)
        kept = paa.roll_allocation(one.closing, paa.AllocationPeriod(revenue=250, lc_kept=0.5))
        assert kept.closing.lc == pytest.approx(60)

    @given(
        premium=st.floats(0, 1e9),
        days=st.lists(st.floats(0, 366), min_size=1, max_size=12),
    )
    def test_revenue_sums_to_the_premium(self, premium, days):
        total, passed = 0.0, 0.0
        for k, day in enumerate(days):
            passed += day
            total += float(
                paa.earned(premium, passed=passed, left=sum(days[k + 1 :]), recognised=total)
            )
        assert total == pytest.approx(premium)


class TestEligibility:
    def test_a_year_of_cover_asks_nothing(self):
        assert paa.eligible(coverage_months=12).eligible

    def test_longer_cover_is_projected(self):
        general = [[1000, 700, 300], [1000, 760, 380]]
        near = [[1000, 690, 310], [1000, 740, 370]]
        answer = paa.eligible(coverage_months=36, general=general, allocation=near, tolerance=0.03)
        assert answer.eligible
        assert (answer.scenario, answer.date) == (1, 1)
        assert answer.difference == pytest.approx(0.02)
        far = [[1000, 690, 310], [1000, 640, 320]]
        assert not paa.eligible(coverage_months=36, general=general, allocation=far).eligible

    @pytest.mark.parametrize("months", [[], [0], [12, 0]])
    def test_no_cover_is_no_question(self, months):
        with pytest.raises(errors.NotEligible):
            paa.eligible(coverage_months=months)

    def test_projections_must_match(self):
        with pytest.raises(errors.LengthMismatch):
            paa.eligible(coverage_months=24, general=[[1, 2]], allocation=[[1]])

    def test_longer_cover_without_projection_is_refused(self):
        with pytest.raises(errors.NotEligible):
            paa.eligible(coverage_months=13)


class TestIncurredClaims:
    def test_value(self):
        found = lic.value([100, 50], 0.04, ra=7, expense_ratio=0.1)
        assert found.pv == pytest.approx(110 * 1.04**-0.5 + 55 * 1.04**-1.5)
        assert found.total == pytest.approx(found.pv + 7)

    def test_from_payments_by_origin(self):
        """Payments of 65.80 and 15.90 to come; Mack's error of 26.00 scaled to the present."""
        found = lic.value_triangle(
            [[100, 150, 165], [120, 168], [110]], 0.03, level=0.75, expense_ratio=0.05
        )
        pv = 1.05 * (65.8 * 1.03**-0.5 + 15.9 * 1.03**-1.5)
        assert found.pv == pytest.approx(pv)
        nominal = lic.value_triangle([[100, 150, 165], [120, 168], [110]], level=0.75)
        assert nominal.pv == pytest.approx(81.7)
        assert nominal.ra == pytest.approx(14.3, abs=0.01)
        assert found.ra / found.pv == pytest.approx(nominal.ra / nominal.pv)

    def test_roll(self):
        r = lic.roll_claims(
            lic.claims(pv=100, ra=10),
            lic.ClaimsPeriod(
                incurred=50, incurred_ra=5, investment=20, past=-8, past_ra=-2, finance=3,
                paid=60, recovered=4,
            ),
        )  # fmt: skip
        assert r.closing.total == pytest.approx(100 + 10 + 55 + 20 - 10 + 3 - 60 + 4)
        assert r.expense["PAST"] == pytest.approx(-10)


class TestNotes:
    @staticmethod
    def year_2():
        """Example 3A's second year, of whose claims 30 stay unpaid."""
        walked = walk(
            Plan(claims=[100] * 3, investment=100, premiums=900, ra=[120, 80, 40, 0], rate=0.05),
            actual=Actual(claims=[100, 50, 40]),
            revisions={2: Revision(claims=[40], ra=30)},
        )
        incurred = lic.roll_claims(
            lic.claims(pv=10, ra=1),
            lic.ClaimsPeriod(incurred=50, incurred_ra=2, investment=100, past=-4, paid=126),
        )
        return walked.periods[1], incurred

    def test_by_liability_and_by_component_tell_one_story(self):
        coverage, incurred = self.year_2()
        one = disclosure.by_liability(coverage, incurred)
        two = disclosure.by_component(coverage, incurred)
        for table in (one, two):
            for miss in ifrs17.footing(table).values():
                assert miss == pytest.approx(0, abs=1e-9)
        assert one["TOTAL"]["CLOSING"] == pytest.approx(two["TOTAL"]["CLOSING"])
        moved = one["TOTAL"]["REVENUE"] + one["TOTAL"]["EXPENSE"] + one["TOTAL"]["ACQUISITION"]
        other = two["TOTAL"]["FUTURE"] + two["TOTAL"]["CURRENT"] + two["TOTAL"]["PAST"]
        assert moved == pytest.approx(other)

    def test_profit_is_what_the_tables_say(self):
        coverage, incurred = self.year_2()
        told = disclosure.statement(coverage, incurred, oci=5.0)
        table = disclosure.by_liability(coverage, incurred)["TOTAL"]
        assert told.comprehensive == pytest.approx(
            -(table["REVENUE"] + table["EXPENSE"] + table["ACQUISITION"] + table["FINANCE"])
        )
        assert told.profit == pytest.approx(told.comprehensive + 5)
        sources = disclosure.revenue_analysis(coverage)
        assert sources["TOTAL"] == pytest.approx(told.revenue)

    def test_the_lines_of_the_requirement(self):
        """104: what adjusts the margin is no income; losses are."""
        coverage, incurred = self.year_2()
        table = disclosure.by_requirement(coverage, incurred)
        for miss in ifrs17.footing(table).values():
            assert miss == pytest.approx(0, abs=1e-9)
        assert table["TOTAL"]["ESTIMATES_MARGIN"] == pytest.approx(0)
        assert table["TOTAL"]["ESTIMATES_LOSS"] == pytest.approx(0)
        onerous = walk(
            Plan(claims=[200] * 3, premiums=900, ra=[120, 80, 40, 0], rate=0.05),
            actual=Actual(claims=[200, 400, 450]),
            revisions={2: Revision(claims=[450], ra=88)},
        ).periods[1]
        lines = disclosure.by_requirement(
            onerous, lic.roll_claims(lic.claims(), lic.ClaimsPeriod(incurred=400, paid=400))
        )
        assert lines["TOTAL"]["ESTIMATES_LOSS"] == pytest.approx(113.11, abs=0.01)
        assert lines["TOTAL"]["ESTIMATES_MARGIN"] == pytest.approx(0)
        assert lines["PVFCF"]["EXPERIENCE"] == pytest.approx(200)
        assert lines["RA"]["RISK"] == pytest.approx(-40)

    def test_another_currency_foots_with_its_exchange_difference(self):
        coverage, incurred = self.year_2()
        table = disclosure.by_component(coverage, incurred)
        won = disclosure.translate(table, opening=1300.0, average=1320.0, closing=1350.0)
        for miss in ifrs17.footing(won).values():
            assert miss == pytest.approx(0, abs=1e-6)
        assert won["CSM"]["EXCHANGE"] == pytest.approx(
            table["CSM"]["OPENING"] * 20 + (table["CSM"]["CLOSING"] * 30)
        )

    def test_when_the_margin_is_expected(self):
        found = disclosure.expected_recognition(120.0, [1.0] * 12, [1, 2, 5])
        assert found == pytest.approx([10, 20, 90])
