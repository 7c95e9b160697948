"""Variable fee approach: the return of underlying items, the fee, mitigation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules import ifrs17
from accounting.rules.ifrs17 import discretion, errors, vfa
from accounting.rules.ifrs17.records import balance

RETURNS = (0.10, 0.08, 0.10)
RATE, CHARGE, FLOOR = 0.06, 0.02, 170.0


def account(start: float, rate: float) -> float:
    """One contract's account after a year: return credited, 2 % charged."""
    return start * (1 + rate) * (1 - CHARGE)


def expected(single: float, alive: int, years: int) -> tuple[np.ndarray, np.ndarray]:
    """Deaths' benefits and survivors' accounts still to be paid, at an expected return of 6 %."""
    deaths, maturities = np.zeros(years), np.zeros(years)
    for k in range(years):
        single = account(single, RATE)
        deaths[k] = max(FLOOR, single)
        alive -= 1
    if years:
        maturities[-1] = alive * single
    return deaths, maturities


def value(single: float, alive: int, years: int) -> float:
    deaths, maturities = expected(single, alive, years)
    return float(((deaths + maturities) * (1 + RATE) ** -np.arange(1.0, years + 1)).sum())


class TestExample9:
    """The facts of Example 9 with guarantees valued at their intrinsic value: 100 contracts of
    150, one death a year paid at least 170, accounts paid at the end of the third year."""

    def walk(self):
        single, alive, ra = 150.0, 100, [25.0, 13.0, 5.0, 0.0]
        opening = balance()
        units = np.array([100.0, 99.0, 98.0])
        pool, results, incomes, paid = 15_000.0, [], [], []
        before = value(single, alive, 3)
        for k, growth in enumerate(RETURNS):
            earned = pool * growth
            single = account(single, growth)
            death = max(FLOOR, single)
            maturity = single * (alive - 1) if k == 2 else 0.0
            pool = single * (alive - 1) * (k < 2)
            alive -= 1
            after = value(single, alive, 2 - k)
            outgo = death + maturity
            result = vfa.roll_fee(
                opening,
                vfa.FeePeriod(
                    new_pvfcf=before - 15_000 if k == 0 else 0,
                    new_ra=25 if k == 0 else 0,
                    premiums=15_000 if k == 0 else 0,
                    underlying=earned,
                    fcf_change=after + outgo - before,
                    claims=death - single,
                    investment=maturity + single,
                    release_ra=ra[k] - ra[k + 1],
                    units=units[k],
                    units_future=units[k + 1 :].sum(),
                ),
            )
            results.append(result)
            incomes.append(earned)
            paid.append(outgo)
            opening, before = result.closing, after
        return results, incomes, paid

    def test_recognition(self):
        """Present values of the standard: 15,000 in, 14,180 out, risk adjustment 25."""
        day = ifrs17.recognise(inflows=15_000, outflows=14_180, ra=25)
        assert float(day.csm) == 795

    def test_the_first_year_as_published(self):
        """1,500 earned, fulfilment cash flows 1,403 more: the fee has grown by 97."""
        r = vfa.roll_fee(
            balance(),
            vfa.FeePeriod(
                new_pvfcf=-820,
                new_ra=25,
                premiums=15_000,
                underlying=1_500,
                fcf_change=1_403,
                units=100,
                units_future=99 + 98,
            ),
        )
        assert r.components["CSM"]["NEW"][0] == 795
        assert r.components["CSM"]["FUTURE"][0] == 97
        assert r.closing.csm[0] == pytest.approx(592, abs=0.5)

    def test_return_of_the_pool_is_finance_and_the_fee_is_margin(self):
        results, incomes, _ = self.walk()
        for r, earned in zip(results, incomes, strict=True):
            assert r.finance["PVFCF"][0] == pytest.approx(earned)
            assert r.finance["CSM"][0] == 0
            moved = r.components["PVFCF"]["FUTURE"] + r.components["CSM"]["FUTURE"]
            assert moved[0] == pytest.approx(0)
            for table in (r.components, r.coverage):
                for miss in ifrs17.footing(table).values():
                    assert miss == pytest.approx(0, abs=1e-6)
        assert results[0].closing.csm[0] > 0

    def test_profit_over_life_is_fees_less_guarantees(self):
        results, incomes, paid = self.walk()
        profit = sum(float(r.profit[0]) for r in results)
        assert profit == pytest.approx(15_000 - sum(paid))
        assert profit + sum(incomes) == pytest.approx(15_000 + sum(incomes) - sum(paid))
        last = results[-1].closing
        assert last.total[0] == pytest.approx(0, abs=1e-6)


class TestFee:
    def test_the_entity_takes_its_share_less_what_does_not_vary(self):
        assert float(vfa.variable_fee(1_500, 0.2, 40)) == pytest.approx(260)

    @given(earned=st.floats(-1e6, 1e6), more=st.floats(-1e6, 1e6), mitigated=st.floats(-1e5, 1e5))
    def test_what_is_mitigated_is_finance_and_not_margin(self, earned, more, mitigated):
        """B115: profit or loss of the derivative meets the change of the fee it hedges."""

        def roll(part):
            return vfa.roll_fee(
                balance(csm=1e7),
                vfa.FeePeriod(
                    underlying=earned,
                    fcf_change=earned + more,
                    mitigated=part,
                    units=0,
                    units_future=1,
                ),
            )

        plain, hedged = roll(0.0), roll(mitigated)
        assert hedged.closing.csm[0] - plain.closing.csm[0] == pytest.approx(mitigated, abs=1e-3)
        assert plain.profit[0] - hedged.profit[0] == pytest.approx(mitigated, abs=1e-3)
        assert hedged.closing.pvfcf == pytest.approx(plain.closing.pvfcf, abs=1e-3)

    def test_a_fall_of_the_pool_can_make_the_group_onerous(self):
        r = vfa.roll_fee(
            balance(csm=100, outflows=10_000),
            vfa.FeePeriod(underlying=-2_000, fcf_change=-1_700, units=1, units_future=1),
        )
        assert r.closing.csm[0] == 0
        assert r.closing.lc[0] == pytest.approx(200)

    def test_direct_participation(self):
        assert vfa.participates_directly(identified_pool=True, returns_share=0.9, varying_share=0.8)
        assert not vfa.participates_directly(
            identified_pool=False, returns_share=0.9, varying_share=0.8
        )
        assert not vfa.participates_directly(
            identified_pool=True, returns_share=0.9, varying_share=0.3
        )
        with pytest.raises(errors.BadShare):
            vfa.participates_directly(
                identified_pool=True, returns_share=1, varying_share=1, substantial=1.5
            )


class TestVariances:
    def test_what_was_paid_otherwise_is_future_service_or_of_the_period(self):
        """90 of 100 expected, 12 of acquisition cost for 10: 12 less, half of it future service."""
        r = vfa.roll_fee(
            balance(csm=50),
            vfa.FeePeriod(
                premiums=90, premiums_expected=100, premiums_future=0.5, acquisition=12,
                acquisition_expected=10, acquisition_share=0.25, units=0, units_future=1,
            ),
        )  # fmt: skip
        assert r.components["CSM"]["FUTURE"][0] == pytest.approx(-6)
        assert r.revenue["EXPERIENCE"][0] == pytest.approx(-6)
        assert r.revenue["ACQUISITION"][0] == r.expense["ACQUISITION"][0] == pytest.approx(3)


class TestDiscretion:
    def test_the_choice_is_margin_and_the_rate_is_finance(self):
        """Example 6: the pool returns 7 % and not 10 %, 5 % by contract; the insurer credits all
        7 % in the two years to come: 55 at the locked-in 10 %, whatever the current rate is."""
        account = 1_500 * 1.05
        found = discretion.split_change(
            before=[0, 1_500 * 1.08**3],
            committed=[0, account * 1.05**2],
            revised=[0, account * 1.07**2],
            old_rates=0.10,
            locked=0.10,
            current=0.07,
        )
        more = account * (1.07**2 - 1.05**2)
        assert float(found.future_locked) == pytest.approx(55, abs=0.5)
        assert float(found.future_locked) == pytest.approx(more / 1.1**2)
        assert float(found.future_current) == pytest.approx(more / 1.07**2)
        assert float(found.financial + found.future_current) == pytest.approx(float(found.total))
        r = ifrs17.roll(
            balance(csm=100),
            ifrs17.Period(
                financial=found.financial,
                future_locked=found.future_locked,
                future_current=found.future_current,
                units=1,
                units_future=2,
            ),
        )
        assert r.components["CSM"]["FUTURE"][0] == pytest.approx(-more / 1.1**2)
        assert r.finance["PVFCF"][0] == pytest.approx(float(found.total) - more / 1.1**2)
