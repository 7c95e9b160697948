"""The surrender value reserve is what it must be, and no more than there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules.appropriation import required

amount = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("surrender", "coverage", "share", "earnings", "wanted"),
    [
        (1_000, 700, 1.0, 5_000, 300),
        (1_000, 700, 0.8, 5_000, 240),
        (1_000, 700, 1.0, 100, 100),
        (1_000, 1_700, 1.0, 5_000, 0),
        (1_000, -200, 1.0, 5_000, 1_200),
        (1_000, 700, 1.0, -50, 0),
    ],
)
def test_the_excess_of_surrender_values(surrender, coverage, share, earnings, wanted):
    assert (
        required(surrender=surrender, coverage=coverage, share=share, earnings=earnings) == wanted
    )


@given(surrender=amount, coverage=amount, earnings=st.integers(-(10**12), 10**12))
def test_it_is_never_negative_nor_above_the_earnings(surrender, coverage, earnings):
    found = required(surrender=surrender, coverage=coverage, share=1.0, earnings=earnings)
    assert 0 <= found <= max(0, earnings)
