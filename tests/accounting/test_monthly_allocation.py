"""A month of groups by premium allocation, and which groups may be measured so."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules.assumptions import Allocation
from accounting.rules.flows import Kind
from accounting.rules.monthly import (
    NotAllocable,
    Policy,
    ask,
    paa,
    require,
)
from accounting.rules.monthly.eligibility import liabilities

from .months import PAA, cash, check, opening, positive, row, steps, valued


class TestPremiumAllocation:
    def test_premium_is_earned_by_time(self):
        """Twelve months of cover, paid at once in the middle of a month: 1/24 earned at its end."""
        now = valued(unearned=[2_300.0], earned=[100.0], left=[2_300.0])
        measured = paa(opening(), cash(premiums=2_400, acquisition=240), now, PAA)
        check(measured)
        assert int(measured.moves["REVENUE_PAA"][0]) == 100
        assert int(measured.moves["ACQUISITION_AMORTISED"][0]) == 10
        assert steps(measured, "LRC")["CLOSING"] == 2_300 - 230

    def test_premiums_to_come_carry_their_part_of_acquisition(self):
        """Monthly payer: 200 of 2,400 due, 100 earned; acquisition follows service, not cash."""
        now = valued(unearned=[100.0], earned=[100.0], left=[2_300.0])
        measured = paa(opening(), cash(premiums=200, acquisition=240), now, PAA)
        assert int(measured.moves["ACQUISITION_AMORTISED"][0]) == 10

    def test_acquisition_may_be_expensed(self):
        """59(a): 240 are expense at once; what an earlier policy deferred runs off as before."""
        policy = dataclasses.replace(PAA, acquisition="EXPENSE")
        now = valued(unearned=[2_300.0], earned=[100.0], left=[2_300.0])
        measured = paa(opening(), cash(premiums=2_400, acquisition=240), now, policy)
        check(measured)
        assert int(measured.moves["ACQUISITION_AMORTISED"][0]) == 240
        assert steps(measured, "LRC")["CLOSING"] == 2_300
        later = paa(opening(upr=2_400, acq=48), cash(), now, policy)
        assert int(later.moves["ACQUISITION_AMORTISED"][0]) == 2

    def test_a_financing_component_bears_interest_that_service_earns(self):
        """56: 12,000 stand for a month at 1 %; half of the service earns half of both."""
        policy = dataclasses.replace(PAA, financing=True)
        now = valued(unearned=[6_000.0], earned=[6_000.0], left=[6_000.0], rate=[1.01**12 - 1.0])
        measured = paa(opening(upr=12_000), cash(), now, policy)
        check(measured)
        assert int(measured.moves["FINANCE_PAA"][0]) == 120
        assert int(measured.moves["REVENUE_PAA"][0]) == 6_060
        assert steps(measured, "LRC")["CLOSING"] == 6_060
        last = valued(earned=[6_000.0], rate=[1.01**12 - 1.0])
        done = paa(opening(upr=6_060), cash(), last, policy)
        assert int(done.moves["REVENUE_PAA"][0]) == 6_060 + 61
        assert steps(done, "LRC")["CLOSING"] == 0

    def test_an_onerous_group_books_its_loss(self):
        now = valued(
            locked=row(claims=1_250, risk=50) * 1.0,
            unearned=[900.0],
            earned=[100.0],
            left=[900.0],
        )
        measured = paa(opening(), cash(premiums=1_000), now, PAA)
        check(measured)
        assert int(measured.moves["LOSS_FUTURE"][0]) == 400

    @given(
        upr=positive,
        premiums=positive,
        refunds=positive,
        unearned=positive,
        need=positive,
        left=positive,
        policy=st.sampled_from(
            [
                PAA,
                Policy("PAA", "PL", "RATIO", "EXPENSE"),
                Policy("PAA", "PL", "RATIO", "DEFER", True),
            ]
        ),
    )
    def test_everything_foots(self, upr, premiums, refunds, unearned, need, left, policy):
        start = opening(upr=upr, acq=upr // 10, lc=5)
        now = valued(
            locked=row(claims=need) * 1.0,
            unearned=[float(unearned)],
            earned=[premiums / 12],
            left=[float(left)],
        )
        measured = paa(start, cash(premiums, premiums // 10, refunds), now, policy)
        check(measured)
        moves = {k: int(v[0]) for k, v in measured.moves.items()}
        lrc = (
            upr
            - upr // 10
            + 5
            + premiums
            - premiums // 10
            - refunds
            - moves["REVENUE_PAA"]
            + moves["FINANCE_PAA"]
            + moves["ACQUISITION_AMORTISED"]
            + moves["LOSS_FUTURE"]
        )
        assert lrc == steps(measured, "LRC")["CLOSING"]
        lc = steps(measured, "LC")["CLOSING"]
        carrying = lrc - lc
        assert lc == max(0, need - carrying)


class TestEligibility:
    """53–54: longer cover is asked by projecting both liabilities."""

    def flows(self, months: int, **kinds: float) -> np.ndarray:
        """Level claims and service; premiums at issue."""
        found = np.zeros((7, months))
        found[Kind.UNITS] = 1.0
        found[Kind.CLAIMS] = kinds.get("claims", 0.0)
        found[Kind.RISK] = kinds.get("risk", 0.0)
        found[Kind.PREMIUM, 0] = kinds.get("premium", 0.0)
        found[Kind.COMMISSION, 0] = kinds.get("commission", 0.0)
        return found

    def test_a_year_is_not_asked(self):
        asked = ask(12, self.flows(12, premium=1_200, claims=80), 0.03, Allocation())
        assert (asked.answer.eligible, asked.answer.short) == (True, True)

    def test_level_cover_without_interest_and_change_is_the_same_in_both(self):
        """Rate 0 and claims as expected: both carry premium less service passed (property 7)."""
        general, allocation = liabilities(self.flows(24, premium=2_400, claims=60), 0.0, 0.0)
        assert general[0] == pytest.approx(allocation[0])
        assert general[0, 11] == pytest.approx(1_200)

    def test_two_years_may_be_allocated_and_ten_at_high_rates_not(self):
        short = ask(24, self.flows(24, premium=2_400, claims=60), 0.02, Allocation())
        assert (short.answer.eligible, short.answer.short) == (True, False)
        assert 0 < short.answer.difference < 0.05
        long = ask(120, self.flows(120, premium=12_000, claims=60), 0.06, Allocation())
        assert not long.answer.eligible
        with pytest.raises(NotAllocable, match=r"120 months.*general model by"):
            require("MOTOR-2026", long, Allocation())

    def test_expensing_acquisition_of_longer_cover_is_refused(self):
        asked = ask(24, self.flows(24, premium=2_400, claims=60), 0.02, Allocation())
        require("MOTOR-2026", asked, Allocation())
        with pytest.raises(NotAllocable, match="Defer them"):
            require("MOTOR-2026", asked, Allocation(acquisition="EXPENSE"))
