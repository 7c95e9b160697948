"""Premium is earned by days, or by the months in which risk is released."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules.allocation import earned_until, service

WINTER = (3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0)


def days(*names: str) -> np.ndarray:
    return np.array(names, "datetime64[D]")


def earned(release: tuple[float, ...], until: str, start: str, end: str) -> float:
    """Earned of 1,800 won of one contract."""
    found = earned_until(
        np.array([1_800.0]), days(start), days(end), release, np.datetime64(until, "D")
    )
    return float(found[0])


def test_by_days():
    assert earned((), "2026-07-01", "2026-01-01", "2027-01-01") == 1_800 * 181 / 365


def test_by_season():
    """18 parts of risk in a year: January to June hold 3 + 2 + 1 + 1 + 1 + 1 = 9 of them."""
    assert earned(WINTER, "2026-02-01", "2026-01-01", "2027-01-01") == pytest.approx(300)
    assert earned(WINTER, "2026-07-01", "2026-01-01", "2027-01-01") == pytest.approx(900)
    assert earned(WINTER, "2027-01-01", "2026-01-01", "2027-01-01") == 1_800


def test_cover_from_the_middle_of_a_winter_month():
    """16 of 31 days of December are 3 × 16/31 parts."""
    got = earned(WINTER, "2027-01-01", "2026-12-16", "2027-12-16")
    assert got == pytest.approx(1_800 * 3 * 16 / 31 / 18)


def test_nothing_before_cover_and_all_after_it():
    assert earned(WINTER, "2025-05-01", "2026-01-01", "2027-01-01") == 0
    assert earned(WINTER, "2030-05-01", "2026-01-01", "2027-01-01") == 1_800


@given(
    st.lists(st.floats(0.01, 100), min_size=12, max_size=12),
    st.integers(0, 20_000),
    st.lists(st.integers(0, 800), min_size=2, max_size=6),
)
def test_service_never_turns_back(weights, first, steps):
    day = np.datetime64("1990-01-01") + (first + np.cumsum(steps))
    passed = service(day, weights)
    assert (np.diff(passed) >= -1e-6).all()
    flat = service(day, [1.0] * 12)
    assert np.diff(flat) == pytest.approx(np.diff(service(day, ())) / 365.25 * 12, abs=0.25)
