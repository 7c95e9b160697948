"""The life engine: tables, commutation, streams, monthly accounts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from products.rules import (
    commutation,
    contingencies,
    lapses,
    monthly,
    reserve,
    tables,
)
from products.rules import premium as premiums
from products.rules.basis import Coverage
from products.rules.commutation import Instalments, Timing
from products.rules.contingencies import Makeham, Policy
from tests.golden import DIRECTORY, agree, case
from tests.products.lives import S, basis, held


class TestStandardUltimateLifeTable:
    LAW = Makeham(a=0.00022, b=2.7e-6, c=1.124)

    def path(self, age: int) -> np.ndarray:
        q = self.LAW.rates(np.arange(age, 131))
        q[-1] = 1.0
        return q

    def test_every_printed_age(self):
        golden = case("sult_amlcr")
        ages = [int(age) for age in golden.exact]
        lives = golden.inputs["radix_age20"] * contingencies.survival(self.path(20))
        found = {
            str(age): {
                "l": lives[age - 20],
                "adue": contingencies.annuity_due(self.path(age), interest=0.05),
                "A": contingencies.insurance(self.path(age), interest=0.05),
            }
            for age in ages
        }
        agree(found, golden.exact)
        agree(found, golden.published, tolerance=golden.tolerance)

    def test_net_premiums_and_reserves(self):
        golden = case("sult_net_premium_reserves")
        x, size, i = (golden.inputs[name] for name in ("x", "S", "i"))
        q, m = self.path(x), golden.inputs["m"]
        kinds = {
            "term": Policy(years=m),
            "whole20": Policy(pay_years=m),
            "endow": Policy(years=m, maturity=1.0),
        }
        found: dict[str, object] = {
            "A1_40_20": contingencies.insurance(q, interest=i, years=m),
            "adue_40_20": contingencies.annuity_due(q, interest=i, years=m),
            "E_40_20": contingencies.pure_endowment(q, interest=i, years=m),
        }
        for name, policy in kinds.items():
            found[name] = {
                "P": size * contingencies.net_premium(q, policy, interest=i),
                "V10": size * contingencies.reserves(q, policy, interest=i)[10],
            }
        agree(found, golden.exact)
        agree(found, golden.published, tolerance=1e-6)

    def test_select_lives_of_the_same_book(self):
        """Dickson, Hardy and Waters, example 3.13 and table D.1: 100,000 lives selected at 20."""
        law = Makeham(a=0.00022, b=2.7e-6, c=1.124, select=0.9, select_years=2)
        q = law.path(20, 60)
        lives = contingencies.survival(q)
        ultimate = self.path(20)
        l_20 = 100_000.0  # ultimate l at 20; the select life meets the ultimate one at 22
        l_22 = l_20 * contingencies.survival(ultimate)[2]
        at_selection = l_22 / lives[2]
        assert at_selection == pytest.approx(99_995.08, abs=0.005)
        assert at_selection * lives[1] == pytest.approx(99_973.75, abs=0.005)
        np.testing.assert_allclose(q[2:], ultimate[2:60])

    def test_variance_annuities_in_arrear_and_parts_of_a_year(self):
        q, i = self.path(60), 0.05
        second = contingencies.insurance(q, interest=i, moment=2)
        first = contingencies.insurance(q, interest=i)
        assert second == pytest.approx(0.10834, abs=5e-6)  # printed in the same tables
        assert contingencies.variance(q, interest=i) == pytest.approx(second - first**2)
        d = i / (1 + i)
        due = contingencies.annuity_due(q, interest=i)
        assert first == pytest.approx(1 - d * due, rel=1e-12)
        assert contingencies.annuity_immediate(q, interest=i) == pytest.approx(due - 1)
        rules = {
            rule: contingencies.annuity_due(q, interest=i, per_year=12, rule=rule)
            for rule in ("UDD", "FORCE", "WOOLHOUSE", "WOOLHOUSE3")
        }
        assert rules["UDD"] == pytest.approx(14.4401, abs=2e-3)
        assert rules["WOOLHOUSE"] == pytest.approx(due - 11 / 24)
        assert max(rules.values()) - min(rules.values()) < 0.01
        t = np.arange(12 * 70) / 12  # by the law itself, month by month
        force = 0.00022 * t + 2.7e-6 / np.log(1.124) * 1.124**60 * (1.124**t - 1)
        assert rules["WOOLHOUSE3"] == pytest.approx(
            (np.exp(-force) * 1.05**-t).sum() / 12, abs=1e-5
        )
        level = contingencies.net_premium(q, Policy(), interest=i)
        spread = contingencies.loss_variance(q, interest=i, years=None, premium=level)
        assert spread == pytest.approx((second - first**2) / (d * due) ** 2, rel=1e-12)

    def test_increasing_insurance_by_hand(self):
        q = np.array([0.1, 0.2, 1.0])
        by_hand = 0.1 / 1.1 + 2 * 0.9 * 0.2 / 1.1**2 + 3 * 0.9 * 0.8 / 1.1**3
        found = contingencies.increasing_insurance(q, interest=0.1)
        assert found == pytest.approx(by_hand, rel=1e-14)

    def test_a_select_and_ultimate_table(self):
        path = contingencies.select_path(
            select=np.array([[0.1, 0.2], [0.11, 0.21]]),
            ultimate=np.array([0.3, 0.31, 0.32, 0.33, 1.0]),
            first_age=50,
            age=51,
        )
        assert path.tolist() == [0.11, 0.21, 0.33, 1.0]
        with pytest.raises(contingencies.BadLife, match="no age 52"):
            contingencies.select_path(
                select=np.ones((2, 2)), ultimate=np.ones(5), first_age=50, age=52
            )

    def test_rates_that_no_life_can_follow(self):
        for bad in (1.1, -0.1, np.nan):
            with pytest.raises(contingencies.BadLife, match="probability 1 years ahead"):
                contingencies.survival(np.array([0.1, bad]))
        with pytest.raises(ValueError, match="no rule named HALF"):
            contingencies.annuity_due(np.array([0.1, 1.0]), interest=0.1, per_year=2, rule="HALF")


class TestCommutationIsTheDirectSum:
    """ifrs17 §0 item 8: columns, direct sums, prospective and retrospective agree."""

    @settings(max_examples=40, deadline=None)
    @given(
        st.integers(0, 1),
        st.integers(15, 70),
        st.integers(1, 30),
        st.integers(1, 30),
        st.floats(0.0, 0.06),
        st.sampled_from(list(Timing)),
        st.floats(0.0, 1.0),
    )
    def test_premium_and_reserves(self, sex, age, years, pay, interest, timing, maturity):
        pay = min(pay, years)
        b = basis(interest, timing=timing, maturity_ratio=maturity)
        q = b.exit_rates[sex, age:]
        mid = timing is Timing.MID_YEAR
        single = contingencies.insurance(q, interest=interest, years=years, mid_year=mid)
        single = single + maturity * contingencies.pure_endowment(q, interest=interest, years=years)
        due = contingencies.annuity_due(q, interest=interest, years=pay)
        c = held(
            sex=sex,
            age=age,
            term_months=12 * years,
            pay_months=12 * pay,
            elapsed_months=12 * np.arange(years + 1),
        )
        net = reserve.net_of(b, b.ratios, maturity, c)
        assert net.single[0] == pytest.approx(single, abs=1e-12)
        assert net.annual[0] == pytest.approx(single / due, abs=1e-12)
        ahead = reserve.net_premium_reserve(b, c)
        back = S * reserve.retrospective(
            b, sex=sex, age=age, term_months=12 * years, pay_months=12 * pay
        )
        assert ahead[0] == 0.0
        assert ahead[years] == pytest.approx(S * maturity)
        np.testing.assert_allclose(back, ahead, atol=1e-5)  # 1e-13 of the sum assured

    @settings(max_examples=25, deadline=None)
    @given(st.integers(0, 1), st.integers(20, 60), st.floats(0.01, 0.1), st.floats(0.0, 0.05))
    def test_lapses_and_selection_by_the_year_since_issue(self, sex, age, first, interest):
        rates = lapses.log_linear(first=first, pay_years=10, years=20)
        b = basis(interest, lapse=tuple(rates), selection=(0.5, 0.75))
        multiple = np.ones(20)
        multiple[:2] = 0.5, 0.75
        q = b.exit_rates[sex, age : age + 20] * multiple
        alive = np.concatenate([[1.0], np.cumprod(1.0 - q - rates)])
        v = (1.0 + interest) ** -np.arange(21)
        single = (alive[:-1] * q * v[:-1]).sum() * (1.0 + interest) ** -0.5
        due = (alive * v)[:10].sum()
        c = held(sex=sex, age=age, pay_months=120, elapsed_months=12 * np.arange(21))
        net = reserve.net_of(b, b.ratios, 0.0, c)
        assert net.single[0] == pytest.approx(single, rel=1e-12)
        assert net.annual[0] == pytest.approx(single / due, rel=1e-12)
        ahead = reserve.net_premium_reserve(b, c)
        back = S * reserve.retrospective(b, sex=sex, age=age, term_months=240, pay_months=120)
        np.testing.assert_allclose(back, ahead, atol=1e-5)

    def test_lapses_lower_the_premium_of_a_product_without_surrender_values(self):
        plain, low = basis(), basis(lapse=(0.05,))
        c = held(term_months=0)
        assert (
            reserve.net_of(low, low.ratios, 0.0, c).annual[0]
            < 0.8 * reserve.net_of(plain, plain.ratios, 0.0, c).annual[0]
        )


class TestStreams:
    def test_waiver_premium_is_the_difference_of_the_annuities(self):
        b = basis(waivers=("KR2018_CANCER",))
        q = b.exit_rates[1, 40:60]
        ill = b.rate_table("KR2018_CANCER").rates(b.length)[1, 40:60]
        v = 1.025 ** -np.arange(20)
        in_force = np.concatenate([[1.0], np.cumprod(1 - q)])[:20]
        paying = np.concatenate([[1.0], np.cumprod((1 - q) * (1 - ill))])[:20]
        expected = ((in_force - paying) * v).sum() / (paying * v).sum()
        who = {"sex": [1], "age": [40], "term_months": [240], "pay_months": [240]}
        assert premiums.waiver_premium(b, **who)[0] == pytest.approx(expected, rel=1e-12)
        assert premiums.waiver_premium(basis(), **who)[0] == 0.0

    def test_those_who_pay_bear_the_premium_of_those_who_need_not(self):
        c = held(sex=1)
        with_, without = basis(waivers=("KR2018_CANCER",)), basis()
        ratio = (
            reserve.net_of(with_, with_.ratios, 0.0, c).annual[0]
            / reserve.net_of(without, without.ratios, 0.0, c).annual[0]
        )
        who = {"sex": [1], "age": [40], "term_months": [240], "pay_months": [240]}
        assert ratio == pytest.approx(1 + premiums.waiver_premium(with_, **who)[0], rel=1e-12)

    def test_monthly_payments_one_by_one(self):
        """The exact annuity of months is that of the monthly account."""
        own = tables.read(DIRECTORY / "krlib_std_mortality.csv", "KRLIB")
        q = own.q[0, 40 - own.first_age :]
        coverage = Coverage(code="DEATH", table="KRLIB", sum_ratio=1.0)
        b = basis(exits=("KRLIB",), coverages=(coverage,), own_tables={"KRLIB": own})
        months = monthly.monthly_rates(q)
        alive = np.concatenate([[1.0], np.cumprod(1 - months)])
        v = 1.025 ** (-np.arange(len(alive)) / 12)
        for years in (1, 20, len(q)):
            expected = (alive * v)[: 12 * years].sum() / 12
            found = commutation.annuity_due(
                b.table,
                sex=[0],
                age=[40],
                years=[years],
                per_year=[12],
                rule=Instalments.EXACT,
            )
            assert found[0] == pytest.approx(expected, rel=1e-12)
        rough = commutation.annuity_due(b.table, sex=[0], age=[40], years=[20], per_year=[12])
        assert rough[0] == pytest.approx(found[0], rel=0.5)

    def test_reserves_on_the_instalments_themselves(self):
        b = basis(annual_reserve=False)
        c = held(per_year=12, elapsed_months=12 * np.arange(21))
        value = reserve.net_premium_reserve(b, c)
        annual = reserve.net_premium_reserve(basis(), c)
        assert value[0] == value[20] == 0.0
        assert np.all(value[1:20] != annual[1:20])
        np.testing.assert_allclose(value, annual, rtol=0.03, atol=1.0)


class TestMonthlyAccount:
    """Endowments, rising benefits and annuities: forward and backward agree month by month."""

    Q = np.array([0.01, 0.02, 0.05, 0.1])

    @pytest.mark.parametrize(
        ("death", "maturity", "survival"),
        [
            (1.0, 1.0, None),
            (np.array([1.0, 2.0, 3.0, 4.0]), 0.0, None),
            (0.0, 0.0, np.r_[np.zeros(24), np.full(24, 0.1)]),
            (0.5, 0.25, np.full(48, 0.01)),
        ],
    )
    def test_retrospective(self, death, maturity, survival):
        path = monthly.account(
            self.Q,
            interest=0.03,
            pay_months=24,
            death=death,
            maturity=maturity,
            survival=survival,
        )
        qm, j = monthly.monthly_rates(self.Q), 1.03 ** (1 / 12)
        sums = np.repeat(np.broadcast_to(death, 4), 12)
        paid = np.zeros(48) if survival is None else survival
        value = 0.0
        for d in range(48):
            premium = path.premium if d < 24 else 0.0
            value = ((value - paid[d] + premium) * j - qm[d] * sums[d]) / (1 - qm[d])
            assert value == pytest.approx(path.value[d + 1], abs=1e-12)
        assert value == pytest.approx(maturity, abs=1e-12)
