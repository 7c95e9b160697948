"""A month of incurred claims, reported and not, and of the costs paid after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules.monthly import (
    Claims,
    Fact,
    allocated,
    footing,
    incurred,
    present_value_of_payments,
    unreported,
)

from .months import opening, positive, steps


class TestIncurredClaims:
    def claims(
        self, case: int, ibnr: int, factor: float = 1.0, risk: float = 0.0, **given: Any
    ) -> Claims:
        values: dict[str, Any] = {
            "case": case,
            "ibnr_month": ibnr - ibnr // 3,
            "ibnr_earlier": ibnr // 3,
            "factor": factor,
            "factor_locked": factor,
            "interest": 0.002,
            "interest_locked": 0.002,
            "risk": risk,
            "oci": False,
        }
        return Claims(**{k: np.array([v]) for k, v in (values | given).items()})

    def test_discount_and_risk_are_their_own(self):
        measured = incurred(opening(), self.claims(8_000, 2_000, 0.98, 0.05))
        assert steps(measured, "LIC", "DISCOUNT")["CLOSING"] == 200
        assert steps(measured, "LIC", "RISK")["CLOSING"] == 490
        assert steps(measured, "LIC")["CLOSING"] == 10_290
        assert not any(miss.any() for miss in footing(measured.facts).values())

    def test_what_the_next_month_bears_is_kept(self):
        measured = incurred(opening(), self.claims(8_000, 2_000, 0.98))
        assert steps(measured, "EXPECTED", "LIC_INTEREST", "N") == {"COMING": 20}

    def test_interest_is_finance_and_the_rest_is_service(self):
        start = opening(case=8_000, ibnr=2_000, discount=200, unwind=20)
        measured = incurred(start, self.claims(8_000, 2_000, 0.98))
        moves = {name: int(values[0]) for name, values in measured.moves.items()}
        assert moves["LIC_UNWOUND"] == 20
        assert moves["LIC_DISCOUNTED"] == 20
        assert moves["LIC_RATES_PL"] == 0

    def test_changed_rates_are_finance_not_service(self):
        """87: 10,000 were worth 9,800; at the rates of today 9,700: 100 of finance income."""
        start = opening(case=8_000, ibnr=2_000, discount=200, unwind=20)
        measured = incurred(start, self.claims(8_000, 2_000, 0.97))
        moves = {name: int(values[0]) for name, values in measured.moves.items()}
        assert (moves["LIC_RATES_PL"], moves["LIC_RATES_OCI"]) == (-100, 0)
        assert moves["LIC_DISCOUNTED"] == 20
        assert steps(measured, "LIC")["CLOSING"] == 9_700

    def test_with_oci_interest_is_at_locked_in_rates_and_the_difference_comes_back(self):
        """B131: OCI holds current less locked in; when the claims are paid it is nothing again."""
        first = self.claims(8_000, 2_000, 0.97, oci=True, factor_locked=0.98)
        measured = incurred(opening(), first)
        moves = {name: int(values[0]) for name, values in measured.moves.items()}
        assert moves["LIC_RATES_OCI"] == 200 - 300
        start = opening(case=8_000, ibnr=2_000, discount=300, discount_locked=200, unwind=35)
        paid = incurred(start, self.claims(0, 0, 0.97, oci=True, factor_locked=0.98))
        then = {name: int(values[0]) for name, values in paid.moves.items()}
        assert then["LIC_UNWOUND"] == round(9_800 * 0.002)
        assert moves["LIC_RATES_OCI"] + then["LIC_RATES_OCI"] == 0
        assert then["LIC_RATES_PL"] == 0
        assert steps(paid, "LIC")["CLOSING"] == 0

    @given(
        case=positive,
        ibnr=positive,
        was=positive,
        factor=st.floats(0.5, 1.1),
        locked=st.floats(0.5, 1.1),
        oci=st.booleans(),
    )
    def test_everything_foots(self, case, ibnr, was, factor, locked, oci):
        start = opening(
            case=was,
            ibnr=was // 3,
            discount=was // 50,
            discount_locked=was // 40,
            unwind=was // 300,
            risk_incurred=was // 20,
        )
        given = self.claims(case, ibnr, factor, 0.08, oci=oci, factor_locked=locked)
        measured = incurred(start, given)
        assert not any(miss.any() for miss in footing(measured.facts).values())
        m = {name: int(values[0]) for name, values in measured.moves.items()}
        before = was + was // 3 - was // 50 + was // 20
        booked = m["IBNR_MOVED"] + m["LIC_UNWOUND"] + m["LIC_RATES_PL"] + m["LIC_RATES_OCI"]
        booked += m["LIC_RISK"] - m["LIC_DISCOUNTED"] + case - was
        assert before + booked == steps(measured, "LIC")["CLOSING"]

    def test_payments_are_discounted_as_they_come(self):
        """Half after half a month, half after one and a half, at 1 % and 2 % a month."""
        rates = np.array([0.01, 0.02, 0.03])
        by_hand = 0.5 / 1.01**0.5 + 0.5 / (1.01 * 1.02**0.5)
        assert present_value_of_payments((0.5, 1.0), rates) == pytest.approx(by_hand)
        assert present_value_of_payments((0.5,), rates) == pytest.approx(by_hand)


class TestUnreported:
    """Three months of two groups; the latest month is the last row."""

    TRIANGLE = np.array([[500.0, 800.0, 1_000.0], [700.0, 1_100.0, np.nan], [300.0] + [np.nan] * 2])
    EXPECTED = np.array([[1_000.0, 0.0], [900.0, 100.0], [600.0, 400.0]])
    REPORTED = np.array([0.5, 0.8, 1.0])

    def estimate(self, method: str) -> tuple[list[list[float]], str]:
        found, used = unreported(self.EXPECTED, self.TRIANGLE, self.REPORTED, method)
        return found.round(6).tolist(), used

    def test_by_expected_claims(self):
        """0 of the oldest, 20 % of 1,000, 50 % of 1,000, split as expected."""
        assert self.estimate("BF") == ([[0, 0], [180, 20], [300, 200]], "BF")

    def test_by_what_has_emerged(self):
        """Chain ladder: 1,100 × (1/0.8 − 1) = 275; 300 × (1/0.5 − 1) = 300."""
        assert self.estimate("CHAIN") == ([[0, 0], [247.5, 27.5], [180, 120]], "CHAIN")

    def test_by_the_prior_that_has_emerged(self):
        """Cape Cod: 2,400 seen of 1,000 + 800 + 500 expected by now: 104.3 % of the prior."""
        found, used = self.estimate("CAPE_COD")
        assert used == "CAPE_COD"
        assert found[1] == pytest.approx([180 * 24 / 23, 20 * 24 / 23])

    def test_between_the_two(self):
        """Benktander: BF's ultimates 1,300 and 800 are the next prior."""
        found, used = self.estimate("BENKTANDER")
        assert used == "BENKTANDER"
        assert sum(found[1]) == pytest.approx(0.2 * 1_300)
        assert sum(found[2]) == pytest.approx(0.5 * 800)

    @pytest.mark.parametrize("method", ["BF", "CAPE_COD", "CHAIN", "BENKTANDER"])
    def test_before_any_claim_only_the_expectation_speaks(self, method):
        nothing = np.where(np.isfinite(self.TRIANGLE), 0.0, np.nan)
        found, used = unreported(self.EXPECTED, nothing, self.REPORTED, method)
        assert used == "BF"
        assert found[1] == pytest.approx([180, 20])

    def test_a_month_in_which_nothing_is_reported_yet(self):
        found, _used = unreported(self.EXPECTED, self.TRIANGLE, np.array([0.0, 0.8, 1.0]), "BF")
        assert found[2].tolist() == pytest.approx([600, 400])


def test_expenses_of_a_month_are_paid_in_the_next():
    measured = allocated(opening(cost=700), np.array([900]))
    assert steps(measured, "COST") == {
        "OPENING": 700,
        "INCURRED": 900,
        "PAID": -700,
        "CLOSING": 900,
    }
    assert measured.facts[Fact("COST", "", "C", "CLOSING")].tolist() == [900]
