"""Lives, values, policies and decrements: parts of years, two lives, expenses, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.rules import contingencies as lc
from products.rules.contingencies import Expenses, Makeham, Policy

LAW = Makeham(a=0.00022, b=2.7e-6, c=1.124)
RATE = 0.05
STEPS = 4_000


def path(age: int) -> np.ndarray:
    """The Standard Ultimate Life Table from an age on."""
    return np.append(LAW.rates(np.arange(age, 130)), 1.0)


def alive(age: int, t: np.ndarray) -> np.ndarray:
    """t_p by the law itself."""
    grown = LAW.b / np.log(LAW.c) * LAW.c**age * (LAW.c**t - 1)
    return np.exp(-LAW.a * t - grown)


def integral(values: np.ndarray, step: float) -> float:
    """Simpson's rule."""
    weights = np.ones(len(values))
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return float(step / 3 * (values * weights).sum())


rates = st.lists(st.floats(0, 0.6), min_size=1, max_size=8).map(np.array)
interests = st.sampled_from([-0.01, 0.0, 1e-9, 0.03, 0.1])


class TestPartsOfYears:
    @pytest.mark.parametrize("rule", ["UDD", "FORCE"])
    def test_without_pause_against_the_law_itself(self, rule):
        t = np.linspace(0, 20, STEPS + 1)
        v, p = (1 + RATE) ** -t, alive(50, t)
        exact = integral(v * p, 20 / STEPS)
        found = lc.annuity_due(path(50), interest=RATE, years=20, per_year=lc.CONTINUOUS, rule=rule)
        assert found == pytest.approx(exact, rel=5e-5)
        exact = integral(v * p * LAW.force(50 + t), 20 / STEPS)
        found = lc.insurance(path(50), interest=RATE, years=20, per_year=lc.CONTINUOUS, rule=rule)
        assert found == pytest.approx(exact, rel=5e-4)

    def test_woolhouse_with_the_forces_of_the_law(self):
        """AMLCR 5.39: with exact forces the third term is right to six figures."""
        k = 12
        t = np.arange(20 * k) / k
        exact = ((1 + RATE) ** -t * alive(50, t)).sum() / k
        ends = (LAW.force(50), LAW.force(70))
        found = lc.annuity_due(
            path(50), interest=RATE, years=20, per_year=k, rule="WOOLHOUSE3", force=ends
        )
        assert found == pytest.approx(exact, rel=1e-7)
        read_off = lc.annuity_due(path(50), interest=RATE, years=20, per_year=k, rule="WOOLHOUSE3")
        assert read_off == pytest.approx(exact, rel=1e-6)
        endless = lc.annuity_due(
            path(50), interest=RATE, years=20, per_year=lc.CONTINUOUS, rule="WOOLHOUSE3", force=ends
        )
        t = np.linspace(0, 20, STEPS + 1)
        assert endless == pytest.approx(
            integral((1 + RATE) ** -t * alive(50, t), 20 / STEPS), rel=1e-6
        )

    def test_a_certain_death_has_no_force_to_be_read_off(self):
        q = np.array([0.01, 0.02, 1.0])
        two = lc.annuity_due(q, interest=RATE, years=2, per_year=12)
        assert lc.annuity_due(
            q, interest=RATE, years=2, per_year=12, rule="WOOLHOUSE3"
        ) == pytest.approx(two, abs=1e-2)
        assert np.isfinite(lc.annuity_due(np.ones(1), interest=RATE, per_year=4, rule="WOOLHOUSE3"))

    @pytest.mark.parametrize("k", [2, 4, 12])
    def test_the_closed_forms_of_uniform_deaths(self, k):
        """A^(k) = i/i^(k) A and ä^(k) = α(k) ä − β(k) (1 − E)."""
        q = path(60)
        ik, dk = k * ((1 + RATE) ** (1 / k) - 1), k * (1 - (1 + RATE) ** (-1 / k))
        d = RATE / (1 + RATE)
        assert lc.insurance(q, interest=RATE, per_year=k) == pytest.approx(
            RATE / ik * lc.insurance(q, interest=RATE), rel=1e-12
        )
        alpha, beta = RATE * d / (ik * dk), (RATE - ik) / (ik * dk)
        by_hand = alpha * lc.annuity_due(q, interest=RATE, years=15) - beta * (
            1 - lc.pure_endowment(q, interest=RATE, years=15)
        )
        found = lc.annuity_due(q, interest=RATE, years=15, per_year=k)
        assert found == pytest.approx(by_hand, rel=1e-12)
        sped = lc.insurance(q, interest=RATE, per_year=k, rule="ACCELERATION")
        assert sped == pytest.approx(
            (1 + RATE) ** ((k - 1) / (2 * k)) * lc.insurance(q, interest=RATE)
        )

    @given(
        q=rates, i=interests, k=st.sampled_from([0, 2, 12]), rule=st.sampled_from(["UDD", "FORCE"])
    )
    def test_paid_more_often_lies_between_and_interest_may_be_nothing(self, q, i, k, rule):
        """ä ≥ ä^(k) ≥ ä − (1 − E) for i ≥ 0; with i = 0 and all years, the mean time lived."""
        q = np.append(q, 1.0)
        yearly = lc.annuity_due(q, interest=i)
        found = lc.annuity_due(q, interest=i, per_year=k, rule=rule)
        assert np.isfinite(found)
        if i >= 0:
            assert yearly + 1e-9 >= found >= yearly - 1 - 1e-9
            at_end = lc.insurance(q, interest=i)
            sooner = lc.insurance(q, interest=i, per_year=k, rule=rule)
            assert at_end - 1e-9 <= sooner <= at_end * (1 + i) + 1e-9

    @given(q=rates, t=st.floats(0, 8), rule=st.sampled_from(["UDD", "FORCE", "BALDUCCI"]))
    def test_every_rule_meets_the_table_at_whole_years(self, q, t, rule):
        q = np.append(q, 1.0)
        whole = np.arange(len(q) + 1)
        assert lc.survival_at(q, whole, rule=rule) == pytest.approx(lc.survival(q), abs=1e-12)
        some = float(lc.survival_at(q, t, rule=rule))
        ends = lc.survival_at(q, [np.floor(t), np.ceil(t)], rule=rule)
        assert ends[1] - 1e-12 <= some <= ends[0] + 1e-12

    def test_parts_of_years_by_hand(self):
        """q = 0.2, then 0.5: 0.8 × (1 − 0.3 × 0.5), 0.8 × 0.5^0.3, 0.8 × 0.5 / (1 − 0.7 × 0.5)."""
        q = np.array([0.2, 0.5])
        assert lc.survival_at(q, 1.3) == pytest.approx(0.8 * 0.85)
        assert lc.survival_at(q, 1.3, rule="FORCE") == pytest.approx(0.8 * 0.5**0.3)
        assert lc.survival_at(q, 1.3, rule="BALDUCCI") == pytest.approx(0.4 / 0.65)


class TestTerms:
    def test_deferred_and_guaranteed(self):
        q = path(60)
        whole = lc.annuity_due(q, interest=RATE)
        first = lc.annuity_due(q, interest=RATE, years=10)
        later = lc.annuity_due(q, interest=RATE, deferred=10)
        assert later == pytest.approx(whole - first)
        certain = (1 - 1.05**-10) / (1 - 1 / 1.05)
        assert lc.annuity_due(q, interest=RATE, guaranteed=10) == pytest.approx(certain + later)
        pause = lc.annuity_due(q, interest=RATE, guaranteed=10, per_year=0)
        assert pause == pytest.approx(
            (1 - 1.05**-10) / np.log(1.05)
            + lc.annuity_due(q, interest=RATE, deferred=10, per_year=0)
        )
        assert lc.annuity_due(
            q, interest=0.0, years=10, guaranteed=10, per_year=12
        ) == pytest.approx(10)
        cover = lc.insurance(q, interest=RATE, years=5, deferred=10)
        assert cover == pytest.approx(
            lc.insurance(q, interest=RATE, years=15) - lc.insurance(q, interest=RATE, years=10)
        )

    def test_increasing_annuity_by_hand(self):
        q = np.array([0.1, 0.2, 1.0])
        by_hand = 1 + 2 * 0.9 / 1.1 + 3 * 0.72 / 1.1**2
        assert lc.increasing_annuity(q, interest=0.1) == pytest.approx(by_hand)
        whole = lc.increasing_insurance(q, interest=0.1)  # ä − d (Iä) = (IA)
        due = lc.annuity_due(q, interest=0.1)
        assert whole == pytest.approx(due - 0.1 / 1.1 * by_hand)

    def test_a_term_beyond_the_end_pays_as_the_end_does(self):
        q = np.array([0.1, 0.2, 1.0])
        assert lc.insurance(q, interest=RATE, years=9) == lc.insurance(q, interest=RATE)
        assert lc.annuity_due(q, interest=RATE, years=9) == lc.annuity_due(q, interest=RATE)
        assert float(lc.pure_endowment(q, interest=RATE, years=9)) == 0
        policy = Policy(years=2, pay_years=5)
        assert lc.reserves(q, policy, interest=RATE) == pytest.approx(
            lc.reserves(q, Policy(years=2), interest=RATE)
        )

    def test_loss_without_interest(self):
        q = np.array([0.1, 0.2, 1.0])
        lived = np.array([1, 2, 2])  # two years of premiums at most
        odds = np.array([0.1, 0.18, 0.72])
        mean = odds @ lived
        spread = 0.4**2 * (odds @ lived**2 - mean**2)
        assert lc.loss_variance(q, interest=0.0, years=2, premium=0.4) == pytest.approx(spread)

    @pytest.mark.parametrize(
        "call",
        [
            lambda q: lc.insurance(q, interest=RATE, years=4),
            lambda q: lc.annuity_due(q, interest=RATE, years=4),
            lambda q: lc.pure_endowment(q, interest=RATE, years=4),
            lambda q: lc.pure_endowment(q, interest=RATE, years=-1),
            lambda q: lc.insurance(q, interest=-1.0),
            lambda q: lc.annuity_due(q, interest=RATE, years=2, guaranteed=3),
            lambda q: lc.insurance(q, interest=RATE, per_year=4, rule="HALF"),
            lambda q: lc.survival_at(q, 3.5),
            lambda q: lc.survival_at(q, -0.5),
            lambda q: lc.survival_at(q, 0.5, rule="HALF"),
            lambda q: lc.net_premium(q, Policy(pay_years=0), interest=RATE),
            lambda q: lc.gross_premium(q, Policy(), Expenses(each_premium=1.0), interest=RATE),
            lambda q: lc.preliminary_term(q, Policy(years=3, pay_years=1), interest=RATE),
            lambda q: lc.reserve_between(q, Policy(), interest=RATE, at=3.5),
            lambda q: lc.reserve_between(q, Policy(), interest=RATE, at=0.5, rule="HALF"),
            lambda q: lc.thiele(
                lambda t: 0.01, years=1, interest=RATE, premium=1, death=1, steps=0
            ),
            lambda q: lc.dependent([q], rule="HALF"),
            lambda q: lc.independent([[0.6], [0.6]]),
            lambda q: lc.table([[0.6], [0.6]]),
            lambda q: lc.cause_insurance([q], 0, interest=RATE, years=9),
            lambda q: lc.last_survivor(q, [0.1, 0.1]),
        ],
    )
    def test_what_cannot_be_is_refused(self, call):
        with pytest.raises(lc.BadLife):
            call(np.array([0.1, 0.2, 0.3]))


class TestTwoLives:
    def test_joint_and_last_survivor(self):
        """a_x + a_y = a_xy + a_x̄ȳ, and the same of insurances."""
        x, y = path(60), path(65)
        both, last = lc.joint(x, y), lc.last_survivor(x, y)
        for value in (lc.annuity_due, lc.insurance):
            assert value(both, interest=RATE) + value(last, interest=RATE) == pytest.approx(
                value(x, interest=RATE) + value(y, interest=RATE)
            )
        assert lc.joint([0.1, 1.0], [0.2, 1.0, 1.0]).tolist() == pytest.approx([0.28, 1])
        assert lc.last_survivor([1.0], [0.2, 1.0]).tolist() == pytest.approx([0.2, 1])


class TestPolicies:
    def test_expenses_by_hand(self):
        """A 2-year endowment at 25 %: 1.792 G = 0.6416 × 1.01 + 0.02 + 0.3 G + 0.05 × 1.792 G
        + 0.001 × 1.792."""
        q = np.array([0.01, 0.02, 1.0])
        policy = Policy(years=2, maturity=1.0)
        expenses = Expenses(
            initial=0.02, initial_premium=0.3, each=0.001, each_premium=0.05, claim=0.01
        )
        by_hand = (0.6416 * 1.01 + 0.02 + 0.001 * 1.792) / (0.95 * 1.792 - 0.3)
        level = lc.gross_premium(q, policy, expenses, interest=0.25)
        assert level == pytest.approx(by_hand)
        values = lc.gross_reserves(q, policy, expenses, interest=0.25)
        assert values[0] == pytest.approx(0)
        assert values[1] == pytest.approx(1.01 * 0.8 + 0.001 - 0.95 * by_hand)
        dearer = lc.gross_reserves(q, policy, expenses, interest=0.25, premium=by_hand + 0.01)
        assert dearer[0] == pytest.approx(-0.01 * (0.95 * 1.792 - 0.3))

    @given(q=rates, i=interests, maturity=st.floats(0, 2), pay=st.integers(1, 8))
    def test_what_is_saved_pays_for_what_is_due(self, q, i, maturity, pay):
        """(V_t + P − e)(1 + i) = q S + p V_{t+1}: forward from 0 as backward from the end."""
        policy = Policy(years=len(q), pay_years=pay, maturity=maturity)
        expenses = Expenses(initial=0.01, each=0.002, each_premium=0.03)
        level = float(lc.gross_premium(q, policy, expenses, interest=i))
        values = lc.gross_reserves(q, policy, expenses, interest=i)
        held = -0.01
        for t, rate in enumerate(q):
            income = (0.97 * level if t < min(pay, len(q)) else 0.0) - 0.002
            held = ((held + income) * (1 + i) - rate) / (1 - rate)
            assert held == pytest.approx(values[t + 1], abs=1e-7 / (1 - q[: t + 1]).prod())

    def test_net_reserves_of_the_standard_table(self):
        """AMLCR: whole life at 50, V_10 = 1 − ä₆₀ / ä₅₀."""
        values = lc.reserves(path(50), Policy(), interest=RATE)
        ratio = lc.annuity_due(path(60), interest=RATE) / lc.annuity_due(path(50), interest=RATE)
        assert values[10] == pytest.approx(1 - ratio, rel=1e-10)

    def test_full_preliminary_term(self):
        values = lc.preliminary_term(path(50), Policy(years=20), interest=RATE)
        later = lc.reserves(path(51), Policy(years=19), interest=RATE)
        assert values[:2].tolist() == [0, 0]
        assert values[1:] == pytest.approx(later)

    @pytest.mark.parametrize("rule", ["UDD", "FORCE", "BALDUCCI", "LINEAR"])
    def test_between_two_premiums(self, rule):
        """A moment after the premium it is value and premium; at the end the next value."""
        q, policy = path(50), Policy(years=20, maturity=1.0)
        values = lc.reserves(q, policy, interest=RATE)
        level = float(lc.net_premium(q, policy, interest=RATE))
        assert lc.reserve_between(q, policy, interest=RATE, at=10, rule=rule) == values[10]
        start = lc.reserve_between(q, policy, interest=RATE, at=10 + 1e-9, rule=rule)
        assert start == pytest.approx(values[10] + level, abs=1e-7)
        end = lc.reserve_between(q, policy, interest=RATE, at=11 - 1e-9, rule=rule)
        assert end == pytest.approx(values[11], abs=1e-7)

    def test_between_by_hand(self):
        """s = ½ of a year with q = 0.2: ½q′ = 0.1 / 0.9; v^½ (0.1/0.9 × S + 0.8/0.9 × V)."""
        q, policy = np.array([0.1, 0.2, 1.0]), Policy(years=2, maturity=1.0)
        found = lc.reserve_between(q, policy, interest=0.21, at=1.5)
        assert found == pytest.approx((0.1 / 0.9 + 0.8 / 0.9) / 1.1)

    def test_thiele_against_the_integrals(self):
        """Runge and Kutta meet Ā and ā of the law; Euler comes near with small steps."""
        t = np.linspace(0, 20, STEPS + 1)
        v, p = (1 + RATE) ** -t, alive(50, t)
        cover = integral(v * p * LAW.force(50 + t), 20 / STEPS)
        paid = integral(v * p, 20 / STEPS)
        level = cover / paid
        how = {"years": 20, "interest": RATE, "premium": level, "death": 1.0}
        values = lc.thiele(lambda s: float(LAW.force(50 + s)), **how)
        assert values[0] == pytest.approx(0, abs=1e-9)
        assert values[-1] == 0
        rough = lc.thiele(lambda s: float(LAW.force(50 + s)), steps=4000, euler=True, **how)
        assert rough[2000] == pytest.approx(values[100], abs=2e-4)


class TestDecrements:
    def test_two_causes_by_hand(self):
        """Independent 0.1 and 0.2: uniform 0.1 × 0.9 = 0.09 and 0.19; constant force
        0.28 × ln 0.9 / ln 0.72."""
        found = lc.dependent([[0.1], [0.2]], rule="UDD")
        assert found[:, 0].tolist() == pytest.approx([0.09, 0.19])
        found = lc.dependent([[0.1], [0.2]])
        share = np.log(0.9) / np.log(0.72)
        assert found[:, 0].tolist() == pytest.approx([0.28 * share, 0.28 * (1 - share)])

    def test_three_causes_uniform_by_hand(self):
        """q₁ (1 − ½(q₂ + q₃) + ⅓ q₂ q₃)."""
        found = lc.dependent([[0.1], [0.2], [0.3]], rule="UDD")
        assert found[0, 0] == pytest.approx(0.1 * (1 - 0.25 + 0.06 / 3))
        assert found.sum() == pytest.approx(1 - 0.9 * 0.8 * 0.7)

    @given(
        st.lists(st.lists(st.floats(0, 0.5), min_size=3, max_size=3), min_size=1, max_size=4),
        st.sampled_from(["FORCE", "UDD"]),
    )
    def test_there_and_back(self, alone, rule):
        together = lc.dependent(alone, rule=rule)
        assert together.sum(axis=0) == pytest.approx(1 - np.prod(1 - np.array(alone), axis=0))
        assert lc.independent(together, rule=rule) == pytest.approx(np.array(alone), abs=1e-8)

    def test_a_table_and_what_a_cause_costs(self):
        found = lc.table([[0.1, 0.2], [0.05, 0.1]], radix=1000)
        assert found.lives.tolist() == pytest.approx([1000, 850, 595])
        assert found.leaving.tolist() == [pytest.approx([100, 170]), pytest.approx([50, 85])]
        value = lc.cause_insurance([[0.1, 0.2], [0.05, 0.1]], 0, interest=0.25)
        assert value == pytest.approx(0.1 * 0.8 + 0.17 * 0.64)
        assert lc.cause_insurance([[0.0], [0.0]], 0, interest=0.25) == 0

    def test_a_certain_cause_leaves_nobody(self):
        assert lc.dependent([[1.0], [0.2]], rule="UDD")[:, 0].tolist() == pytest.approx([0.9, 0.1])
        assert lc.dependent([[1.0], [0.0]])[:, 0].tolist() == pytest.approx([1, 0])
