"""The order of the general model's steps, coverage units, rates, and what it refuses."""

from __future__ import annotations

import pytest

from accounting.rules import ifrs17
from accounting.rules.ifrs17 import errors
from accounting.rules.ifrs17.discount import Timing, forwards, weighted_rate
from accounting.rules.ifrs17.margin import coverage_units
from accounting.rules.ifrs17.plan import Plan, Revision, walk
from accounting.rules.ifrs17.records import Period, balance


class TestOrder:
    def test_interest_is_locked_in_and_comes_before_release(self):
        r = ifrs17.roll(
            balance(csm=1_000), Period(locked=0.1, finance_pvfcf=7, units=1, units_future=1)
        )
        assert r.components["CSM"]["FINANCE"][0] == pytest.approx(100)
        assert r.components["CSM"]["CURRENT"][0] == pytest.approx(-550)

    def test_contracts_that_join_later_accrete_for_less(self):
        r = ifrs17.roll(
            balance(csm=1_000),
            Period(new_pvfcf=-500, locked=0.1, locked_new=0.04, units=0, units_future=1),
        )
        assert r.components["CSM"]["FINANCE"][0] == pytest.approx(100 + 20)

    def test_a_loss_released_by_units_accretes_like_a_margin(self):
        """Opening loss for the whole period at 10 %, what joins in its course at 4 %."""
        r = ifrs17.roll(
            balance(lc=1_000),
            Period(new_pvfcf=500, locked=0.1, locked_new=0.04, units=0, units_future=1),
            allocation=ifrs17.LossAllocation.UNITS,
        )
        assert r.loss["FINANCE"][0] == pytest.approx(100 + 20)
        assert r.closing.lc[0] == pytest.approx(1_620)

    def test_the_gap_between_rates_is_finance_and_not_margin(self):
        """B97(a), Example 6: 55 at the locked-in 10 % adjusts the margin, the rest is finance."""
        r = ifrs17.roll(
            balance(csm=200),
            Period(future_locked=50 * 1.1, future_current=60, units=1, units_future=1),
        )
        assert r.components["CSM"]["FUTURE"][0] == pytest.approx(-55)
        assert r.finance["PVFCF"][0] == pytest.approx(5)

    def test_premiums_of_future_service_adjust_the_margin_those_of_the_past_revenue(self):
        future = ifrs17.roll(
            balance(csm=100), Period(premiums=120, premiums_expected=100, units=0, units_future=1)
        )
        assert future.components["CSM"]["FUTURE"][0] == 20
        past = ifrs17.roll(
            balance(csm=100),
            Period(premiums=120, premiums_expected=100, premiums_future=0, units=0, units_future=1),
        )
        assert past.components["CSM"]["FUTURE"][0] == 0
        assert past.revenue["EXPERIENCE"][0] == 20

    def test_investment_components_paid_early_adjust_the_margin(self):
        """B96(c): 30 more paid now, 30 less to come later: no income."""
        r = ifrs17.roll(
            balance(csm=100),
            Period(
                investment=80,
                investment_expected=50,
                future_locked=-30,
                units=0,
                units_future=1,
            ),
        )
        assert r.components["CSM"]["FUTURE"][0] == 0
        assert r.profit[0] == 0

    def test_good_news_reverses_the_loss_before_it_is_margin(self):
        change = ifrs17.absorb(0.0, 40.0, 100.0)
        assert (float(change.lc), float(change.csm), float(change.reversed)) == (0, 60, 40)

    def test_both_policies_end_at_zero_by_different_ways(self):
        plan = Plan(claims=[100, 300, 50], premiums=200, ra=0, rate=0.05, coverage_units=[3, 2, 1])
        by_ratio = walk(plan)
        by_units = walk(plan, allocation=ifrs17.LossAllocation.UNITS)
        assert by_ratio.line("loss", "RELEASE")[0] != by_units.line("loss", "RELEASE")[0]
        for walked in (by_ratio, by_units):
            assert walked.line("loss", "CLOSING")[-1] == pytest.approx(0)


class TestRiskAdjustmentInterest:
    def test_disaggregated_it_is_finance_and_more_revenue(self):
        """81: 120 accrete 6 at 5 % and close at 80, so that 46 are released; profit is the same."""
        plain = Plan(claims=[200] * 3, premiums=900, ra=[120, 80, 40, 0], rate=0.05)
        apart = Plan(
            claims=[200] * 3, premiums=900, ra=[120, 80, 40, 0], rate=0.05, ra_interest=True
        )
        one, two = walk(plain), walk(apart)
        assert two.column("components", "RA", "FINANCE") == pytest.approx([6, 4, 2])
        assert two.line("revenue", "RA") == pytest.approx([46, 44, 42])
        assert one.line("revenue", "RA") == pytest.approx([40, 40, 40])
        assert two.profit == pytest.approx(one.profit)
        onerous = walk(
            Plan(claims=[400] * 3, premiums=800, ra=[240, 160, 80, 0], rate=0.05, ra_interest=True)
        )
        share = 529.2992117481913 / (1089.2992117481913 + 240)
        assert onerous.line("loss", "FINANCE")[0] == pytest.approx(
            share * (1089.2992117481913 + 240) * 0.05
        )
        assert onerous.line("loss", "CLOSING")[-1] == 0


class TestCoverageUnits:
    def test_quantity_and_duration(self):
        found = coverage_units([100, 100, 100], in_force=[10, 9, 8])
        assert found.tolist() == [1000, 900, 800]

    def test_services_are_weighted(self):
        """B119B: cover of 100 a year and an account that grows, at a tenth of its weight."""
        found = coverage_units([[100, 100], [50, 80]], [1.0, 0.1])
        assert found == pytest.approx([105, 108])


class TestRates:
    def test_a_group_locks_in_its_average(self):
        """28, B73: contracts join at 3 % and at 4 %."""
        assert weighted_rate([0.03, 0.04], [300, 100]) == pytest.approx(0.0325)

    def test_forwards_of_spots(self):
        assert forwards([0.02, 0.03]) == pytest.approx([0.02, 1.03**2 / 1.02 - 1])
        assert forwards(0.02).tolist() == pytest.approx([0.02])

    @pytest.mark.parametrize("timing", list(Timing))
    def test_flows_may_fall_anywhere_in_their_period(self, timing):
        walked = walk(
            Plan(claims=[200] * 3, premiums=900, ra=120, rate=0.05, outflow_timing=timing)
        )
        value = 200 * (1.05**-1 + 1.05**-2 + 1.05**-3) * 1.05 ** (1 - timing.value)
        assert float(walked.recognition.outflows) == pytest.approx(value)
        assert walked.profit.sum() == pytest.approx(300)
        assert walked.periods[-1].closing.total[0] == pytest.approx(0)
        first = float(walked.periods[0].finance["PVFCF"][0])
        assert first == pytest.approx(value * 0.05 - 200 * (1.05 ** (1 - timing.value) - 1))

    def test_lower_rates_cost_finance_and_leave_the_margin(self):
        plan = Plan(claims=[200] * 3, premiums=900, ra=[120, 80, 40, 0], rate=0.05)
        plain = walk(plan)
        lower = walk(plan, revisions={1: Revision(rate=0.02)})
        assert lower.line("revenue", "CSM") == pytest.approx(plain.line("revenue", "CSM"))
        assert lower.periods[0].finance["PVFCF"][0] == pytest.approx(
            plain.periods[0].finance["PVFCF"][0]
            + 200 * (1 / 1.02 + 1 / 1.02**2)
            - 200 * (1 / 1.05 + 1 / 1.05**2)
        )
        assert lower.profit.sum() == pytest.approx(plain.profit.sum())

    def test_the_loss_component_carries_its_share_of_changed_rates(self):
        plan = Plan(claims=[400] * 3, premiums=800, ra=[240, 160, 80, 0], rate=0.05)
        lower = walk(plan, revisions={1: Revision(rate=0.02)})
        ratio = lower.periods[0].closing
        share = float(ratio.lc[0] / (ratio.outflows[0] + ratio.ra[0]))
        assert share == pytest.approx(529.2992117 / (1089.2992117 + 240))
        assert lower.line("loss", "CLOSING")[-1] == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("reason", "call"),
        [
            (errors.NegativeUnits, lambda: ifrs17.released_share(-1.0, 2.0)),
            (errors.LengthMismatch, lambda: walk(Plan(claims=[1, 2], investment=[1, 2, 3]))),
            (errors.CurveTooShort, lambda: ifrs17.recognise_flows(
                premiums=[1, 2], outflows=[1, 2], rates=[0.01])),
            (errors.BadShare, lambda: ifrs17.roll(balance(), Period(premiums_future=1.5))),
            (errors.BadRate, lambda: walk(Plan(claims=[1], rate=-1.0))),
            (errors.LengthMismatch, lambda: walk(Plan(claims=[]))),
            (errors.BadShare, lambda: weighted_rate([0.1, 0.2], [0, 0])),
            (errors.BadShare, lambda: weighted_rate([0.1, 0.2], [1, -1])),
            (errors.LengthMismatch, lambda: weighted_rate([0.1, 0.2], [1])),
            (errors.BadRate, lambda: forwards(-1.0)),
            (errors.NegativeBalance, lambda: ifrs17.roll(balance(csm=-1), Period())),
            (errors.BadMeasurement, lambda: walk(Plan(claims=[1]), revisions={2: Revision()})),
            (errors.BadMeasurement, lambda: ifrs17.recognise(inflows=float("nan"), outflows=0)),
        ],
    )  # fmt: skip
    def test_what_cannot_be_measured_is_refused_by_name(self, reason, call):
        with pytest.raises(reason):
            call()
