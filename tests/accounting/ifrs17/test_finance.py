"""Finance expense split between profit or loss and OCI."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules.ifrs17 import errors, finance
from accounting.rules.ifrs17.finance import Expectation, Presentation, walk_finance

SHARE = 0.9454
"""Policyholders' part of the accumulated value in Example 15."""


def example_15() -> list[Expectation]:
    """Premiums of 1,500 earn 10 % for two years; the third, at first 10 %, falls to 5 %."""
    first = 1500 * 1.1**3 * SHARE
    revised = 1500 * 1.1**2 * 1.05 * SHARE
    return [
        Expectation([0, 0, first], 0.10, [0.10, 0.10, 0.10]),
        Expectation([0, revised], 0.05, [0.10, 0.05]),
        Expectation([revised], 0.05, [0.05]),
        Expectation([], 0.05, []),
    ]


def paid() -> list[float]:
    return [0, 0, 1500 * 1.1**2 * 1.05 * SHARE]


def expense(presentation: Presentation) -> np.ndarray:
    splits = walk_finance(example_15(), presentation, paid=paid())
    assert sum(float(s.oci) for s in splits) == pytest.approx(0)
    assert splits[-1].accumulated == pytest.approx(0)
    return np.array([float(s.profit_or_loss) for s in splits])


class TestSystematicAllocation:
    def test_effective_yield(self):
        """Example 15A: one constant rate over what is left after the revision."""
        carried = 1500 * 1.1 * SHARE
        assert carried == pytest.approx(1560, abs=0.5)
        rate = finance.effective_yield(carried, [0, paid()[2]])
        assert rate == pytest.approx(np.sqrt(1.1 * 1.05) - 1)
        found = expense(Presentation.EFFECTIVE_YIELD)
        assert found == pytest.approx(
            [1500 * SHARE * 0.1, carried * rate, carried * rate * (1 + rate)]
        )

    def test_projected_crediting_rate(self):
        """Example 15B: expense follows the rates credited, 10 % and then 5 %."""
        carried = 1500 * 1.1 * SHARE
        assert finance.crediting_factor(carried, [0, paid()[2]], [0.1, 0.05]) == pytest.approx(1)
        assert expense(Presentation.CREDITING_RATE) == pytest.approx(
            [1500 * SHARE * 0.1, carried * 0.1, carried * 1.1 * 0.05]
        )

    def test_profit_or_loss_takes_all_where_chosen(self):
        splits = walk_finance(example_15(), Presentation.PROFIT_OR_LOSS, paid=paid())
        assert all(float(s.oci) == 0 for s in splits)
        assert sum(float(s.total) for s in splits) == pytest.approx(paid()[2] - 1500 * SHARE)

    def test_locked_in(self):
        """B131: a fixed payment of 1,000 in three years, rates from 4 % to 2 % after one."""
        found = walk_finance(
            [
                Expectation([0, 0, 1000], 0.04),
                Expectation([0, 1000], 0.02),
                Expectation([1000], 0.02),
                Expectation([], 0.02),
            ],
            Presentation.LOCKED_IN,
            paid=[0, 0, 1000],
        )
        value = 1000 / 1.04**3
        assert [float(s.profit_or_loss) for s in found] == pytest.approx(
            [value * 0.04, value * 1.04 * 0.04, value * 1.04**2 * 0.04]
        )
        assert found[0].accumulated == pytest.approx(1000 / 1.02**2 - 1000 / 1.04**2)
        assert sum(float(s.oci) for s in found) == pytest.approx(0)

    def test_book_yield_mirrors_the_assets(self):
        """Example 16: what assets earn in profit or loss is the expense there."""
        inside, outside = finance.book_yield(214.0, 142.0)
        assert (float(inside), float(outside)) == (142, 72)

    @given(
        flows=st.lists(st.floats(1, 1e6), min_size=2, max_size=6),
        rate=st.floats(0.001, 0.2),
    )
    def test_an_effective_yield_reproduces_itself(self, flows, rate):
        from accounting.rules.ifrs17.discount import present_value

        assert finance.effective_yield(float(present_value(flows, rate)), flows) == pytest.approx(
            rate, rel=1e-6
        )

    def test_accumulated_is_reclassified_on_transfer(self):
        assert finance.reclassify(40.0, 0.25) == 10
        assert finance.accumulated(110, 100) == 10


class TestRefusals:
    def test_no_crediting(self):
        with pytest.raises(errors.BadMeasurement):
            finance.crediting_factor(100, [0, 110], [0, 0])

    def test_length(self):
        with pytest.raises(errors.LengthMismatch):
            finance.crediting_factor(100, [110], [0.1, 0.1])
        with pytest.raises(errors.LengthMismatch):
            walk_finance([Expectation([1, 2], 0.0)] * 2, Presentation.PROFIT_OR_LOSS)

    def test_no_rate(self):
        with pytest.raises(errors.BadMeasurement):
            finance.effective_yield(100, [-5])
