"""From acquisition cash flows and grouping to contracts acquired, modified, and transition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules import ifrs17
from accounting.rules.ifrs17 import acquisition, components, errors, grouping, transition
from accounting.rules.ifrs17.acquired import acquire, recovery_on_acquisition
from accounting.rules.ifrs17.components import Treatment
from accounting.rules.ifrs17.grouping import Profitability
from accounting.rules.ifrs17.modification import (
    Reason,
    leave,
    must_derecognise,
    recognise_modified,
)


class TestAcquisitionAsset:
    def test_allocated_to_contracts_and_their_renewals(self):
        parts, expense = acquisition.allocate(120, [50, 30, 20], to_portfolio=0.75)
        assert parts == pytest.approx([45, 27, 18])
        assert expense == pytest.approx(30)

    def test_it_enters_the_group_with_its_contracts(self):
        asset = acquisition.pay(acquisition.new_asset([45.0, 27.0]), [5, 0])
        left, moved = acquisition.derecognise(asset, [1.0, 1 / 3])
        assert moved == pytest.approx([50, 9])
        assert left.carrying == pytest.approx([0, 18])
        day = ifrs17.recognise(inflows=900, outflows=600, ra=50, assets_derecognised=moved[0])
        assert float(day.csm) == pytest.approx(200)

    def test_impaired_to_what_comes_back_and_reversed_as_far_as_it_was(self):
        worse = acquisition.recover(acquisition.new_asset([100.0]), [60.0])
        assert (worse.loss[0], worse.asset.carrying[0]) == (40, 60)
        better = acquisition.recover(worse.asset, [75.0])
        assert (better.reversal[0], better.asset.carrying[0]) == (15, 75)
        best = acquisition.recover(better.asset, [500.0])
        assert (best.reversal[0], best.asset.carrying[0]) == (25, 100)

    def test_renewals_must_earn_their_own_back(self):
        """B35D(b): 40 of the asset are for renewals that bring 25; the first test took 5."""
        found = acquisition.recover(
            acquisition.new_asset([100.0]), [95.0], renewals=[40.0], renewals_inflow=[25.0]
        )
        assert found.loss[0] == pytest.approx(15)

    def test_without_weights_nothing_is_allocated(self):
        with pytest.raises(errors.BadShare):
            acquisition.allocate(100, [0, 0])

    def test_a_negative_asset_is_refused(self):
        with pytest.raises(errors.NegativeBalance):
            acquisition.new_asset([-1.0])


class TestGrouping:
    def test_onerous_safe_and_other(self):
        kinds = grouping.profitability([10, -50, -5], stressed=[[20, -30, 1], [15, -10, -2]])
        assert kinds.tolist() == [
            Profitability.ONEROUS,
            Profitability.NO_SIGNIFICANT_POSSIBILITY,
            Profitability.OTHER,
        ]
        assert grouping.profitability([-50, -3], margin=[100, 100]).tolist() == [1, 2]

    def test_reinsurance_held_looks_for_gains(self):
        assert grouping.profitability([-10.0], margin=[100.0], held=True).tolist() == [0]

    def test_cohorts_are_a_year(self):
        days = np.array(["2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01"], "datetime64[D]")
        assert grouping.cohorts(days).tolist() == [2025, 2026, 2026, 2026]
        assert grouping.cohorts(days, first_month=7).tolist() == [2025, 2025, 2025, 2026]

    def test_groups(self):
        found = grouping.group(
            portfolio=["TERM", "WHOLE", "TERM", "TERM"],
            cohort=[2026, 2026, 2026, 2025],
            profitable=[0, 2, 0, 0],
            currency=["KRW"] * 4,
        )
        assert found.portfolio.tolist() == ["TERM", "TERM", "WHOLE"]
        assert found.group.tolist() == [1, 2, 1, 0]
        assert found.count.tolist() == [1, 2, 1]

    def test_currencies_do_not_mix(self):
        with pytest.raises(errors.MixedCurrencies, match="TERM-2026"):
            grouping.group(
                portfolio=["TERM", "TERM"],
                cohort=[2026, 2026],
                profitable=[2, 2],
                currency=["KRW", "USD"],
            )

    def test_refusals(self):
        with pytest.raises(errors.BadMeasurement):
            grouping.profitability([1.0])
        with pytest.raises(errors.BadMeasurement):
            grouping.cohorts(["2026-01-01"], first_month=13)
        with pytest.raises(errors.LengthMismatch):
            grouping.group(portfolio=["A"], cohort=[1, 2], profitable=[0], currency=["KRW"])


class TestAcquired:
    @pytest.mark.parametrize(
        ("fcf", "combination", "csm", "loss", "goodwill"),
        [(20, False, 10, 0, 0), (45, False, 0, 15, 0), (20, True, 10, 0, 0), (45, True, 0, 0, 15)],
        ids=["13A", "13B", "14A", "14B"],
    )
    def test_examples_13_and_14(self, fcf, combination, csm, loss, goodwill):
        """30 received for contracts whose fulfilment costs 20 or 45."""
        found = acquire(consideration=30, fcf=fcf, business_combination=combination)
        assert (float(found.csm), float(found.loss), float(found.goodwill)) == (
            csm, loss, goodwill,
        )  # fmt: skip
        assert float(found.liability) == max(30, fcf)

    def test_reinsurance_acquired_recovers_losses(self):
        recovery = recovery_on_acquisition(15, 0.3)
        found = acquire(consideration=-40, fcf=-50, reinsurance=True, recovery=recovery)
        assert float(found.csm) == pytest.approx(10 - 4.5)
        assert (float(found.loss), float(found.goodwill)) == (-4.5, 0)

    def test_renewal_rights_are_an_asset_of_their_own(self):
        assert float(acquire(consideration=30, fcf=20, assets=6).csm) == 16


class TestModification:
    def test_why_a_contract_ends(self):
        assert must_derecognise() is Reason.NONE
        assert must_derecognise(same_boundary=False) is Reason.BOUNDARY
        assert must_derecognise(same_participation=False) is Reason.PARTICIPATION

    def test_part_of_a_group_leaves(self):
        left = leave(
            pvfcf=-100, ra=20, csm=90, lc=0, units=10,
            pvfcf_gone=-30, ra_gone=5, units_gone=3,
        )  # fmt: skip
        assert (float(left.pvfcf), float(left.ra), float(left.csm)) == (-70, 15, 65)
        assert float(left.units) == 7

    def test_handed_to_a_third_party(self):
        """77(a): fulfilment 50 ends for a premium of 62: the margin pays the difference."""
        left = leave(
            pvfcf=200, ra=10, csm=30, lc=0, units=10,
            pvfcf_gone=48, ra_gone=2, units_gone=2, price=62,
        )  # fmt: skip
        assert float(left.margin) == -12
        assert float(left.csm) == 18

    def test_a_price_beyond_the_margin_is_a_loss(self):
        left = leave(
            pvfcf=200, ra=10, csm=5, lc=0, units=10,
            pvfcf_gone=48, ra_gone=2, units_gone=2, price=62,
        )  # fmt: skip
        assert (float(left.csm), float(left.loss), float(left.lc)) == (0, 7, 7)

    def test_the_new_contract_starts_from_the_hypothetical_premium(self):
        day = recognise_modified(outflows=300, inflows=100, ra=20, hypothetical_premium=250)
        assert float(day.csm) == 30


class TestComponents:
    def test_an_account_that_lapses_with_its_cover_stays(self):
        """Example 4: neither the account nor the death benefit lives without the other."""
        stays = components.investment_component(
            measurable_apart=True, benefit_apart=False, sold_separately=True
        )
        assert stays is Treatment.INSURANCE
        goes = components.investment_component(
            measurable_apart=True, benefit_apart=True, sold_separately=True
        )
        assert goes is Treatment.FINANCIAL_INSTRUMENT

    def test_claims_processing_for_another_goes(self):
        """Example 5: processing claims that the employer bears is a service."""
        goes = components.service_component(
            benefit_alone=True, interrelated=False, significant_integration=False
        )
        assert goes is Treatment.SERVICE
        stays = components.service_component(
            benefit_alone=True, interrelated=True, significant_integration=False
        )
        assert stays is Treatment.INSURANCE

    def test_what_is_repaid_anyway_is_no_revenue(self):
        deposit, insurance = components.not_distinct([40, 0, 120], [100, 100, 100])
        assert deposit.tolist() == [40, 0, 100]
        assert insurance.tolist() == [60, 100, 0]

    def test_premiums_split_by_prices(self):
        assert components.allocate_inflows(900, [800, 200]) == pytest.approx([720, 180])


class TestTransition:
    def test_modified_retrospective_by_hand(self):
        """C11–C15: 620 to come, 800 received, discounting 50, risk 40 and 10; half provided."""
        found = transition.modified_retrospective(
            fcf=620,
            past_flows=-800,
            discounting=-50,
            ra=40,
            ra_released=10,
            accretion=0.1,
            units_provided=5,
            units_future=5,
        )
        assert float(found.initial_csm) == pytest.approx(180)
        assert float(found.csm) == pytest.approx(180 * 1.1 / 2)
        assert float(found.lc) == 0

    def test_example_17(self):
        """720 today is −110 at recognition: 800 received, 50 of discounting, 20 of risk."""
        found = transition.modified_retrospective(
            fcf=620,
            past_flows=-800,
            discounting=-50,
            ra=100,
            ra_released=20,
            units_provided=90,
            units_future=20,
        )
        assert float(found.initial_fcf) == -110
        assert float(found.initial_csm) == 110
        assert float(found.csm) == pytest.approx(20)

    def test_flows_are_discounted_from_recognition(self):
        found = transition.initial_cash_flows([-900, 200], [200, 200], 0.05)
        assert float(found) == pytest.approx(-355.35039412590436)

    def test_it_finds_the_margin_of_full_retrospection(self):
        """Example 2A's first year seen from its end."""
        flows = transition.initial_cash_flows([-900, 200], [200, 200], 0.05)
        found = transition.modified_retrospective(
            fcf=flows, past_flows=0, ra=80, ra_released=40, accretion=0.05,
            units_provided=1, units_future=2,
        )  # fmt: skip
        assert float(found.csm) == pytest.approx(164.74527588813305)
        assert transition.margin_at_transition(
            235.35039412590436, [1, 1, 1], 0.05, 1
        ) == pytest.approx(164.74527588813305)

    def test_when_all_service_is_over_nothing_is_left(self):
        found = transition.modified_retrospective(
            fcf=100, past_flows=-200, ra=0, units_provided=0, units_future=0
        )
        assert (float(found.initial_csm), float(found.csm)) == (100, 0)
        assert transition.margin_at_transition(100, [1, 1], 0.05, 2) == 0
        assert transition.margin_at_transition(100, [1, 1], 0.05, 3) == 0
        assert transition.margin_at_transition(100, [1, 1], 0.05, 0) == 100
        with pytest.raises(errors.BadMeasurement):
            transition.margin_at_transition(100, [1, 1], 0.05, -1)

    def test_an_onerous_group(self):
        found = transition.modified_retrospective(
            fcf=700, past_flows=-500, ra=30, units_provided=1, units_future=1, loss_allocated=0.4
        )
        assert (float(found.csm), float(found.lc)) == (0, pytest.approx(138))

    def test_variable_fee_by_hand(self):
        """C17: all the fee for service, 40 % of which has been provided."""
        found = transition.modified_retrospective_fee(
            underlying=1_000, fcf=900, charges=80, paid=20, ra_released=10, acquisition=30,
            units_provided=40, units_future=60,
        )  # fmt: skip
        assert float(found.initial_csm) == pytest.approx(120)
        assert float(found.csm) == pytest.approx(72)
        worse = transition.modified_retrospective_fee(underlying=900, fcf=1_000)
        assert (float(worse.csm), float(worse.initial_loss), float(worse.lc)) == (0, 100, 0)

    def test_fair_value(self):
        csm, lc = transition.by_fair_value([120, 80], [100, 100])
        assert csm.tolist() == [20, 0]
        assert lc.tolist() == [0, 20]
        held, _ = transition.by_fair_value(-120, -100, reinsurance=True)
        assert float(held) == -20

    def test_losses_recovered_at_transition(self):
        assert float(transition.loss_recovery(100, 0.3)) == 30
        assert float(transition.loss_recovery(100, 0.3, known=False)) == 0

    def test_accumulated_oci(self):
        assert float(transition.opening_oci(110, 100)) == 10
        assert float(transition.opening_oci(110)) == 0
        assert float(transition.opening_oci(110, underlying_accumulated=7)) == 7

    @given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0.1, 100), st.floats(0, 100))
    def test_never_margin_and_loss(self, fcf, past, provided, left):
        found = transition.modified_retrospective(
            fcf=fcf, past_flows=-past, ra=0, units_provided=provided, units_future=left
        )
        assert min(float(found.csm), float(found.lc)) == 0
        assert float(found.csm) >= 0
