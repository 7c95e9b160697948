"""Triangles by month: built from movements, young ones do not speak, links can be left out."""

from __future__ import annotations

import numpy as np
import pytest

from accounting.rules import triangles


def grown(months: int, pattern: tuple[float, ...] = (0.5, 0.8, 1.0)) -> triangles.Triangle:
    """A triangle in which every month develops alike, known until 2026-12."""
    last = triangles.month_number("2026-12")
    steps = np.diff([0.0, *pattern])
    rows = [
        (last - back, at, round(1_000_000 * step))
        for back in range(months)
        for at, step in enumerate(steps)
        if at <= back
    ]
    origin, month, amount = (np.array(column) for column in zip(*rows, strict=True))
    found = triangles.of(origin, month, amount, "2026-12")
    assert found is not None
    return found


def test_months_have_numbers_and_names():
    assert triangles.month_name(triangles.month_number("2026-01")) == "2026-01"
    assert triangles.month_number("2027-01") - triangles.month_number("2026-12") == 1


def test_a_triangle_knows_what_is_known():
    found = grown(4)
    assert found.origins == ["2026-09", "2026-10", "2026-11", "2026-12"]
    assert found.values[0].tolist() == [500_000, 800_000, 1_000_000, 1_000_000]
    assert np.isnan(found.values[3, 1:]).all()


def test_months_too_long_ago_are_left_out():
    last = triangles.month_number("2026-12")
    old = np.array([last - triangles.MONTHS, last - 1])
    found = triangles.of(old, np.array([0, 0]), np.array([5, 7]), "2026-12")
    assert found is not None
    assert found.origins == ["2026-11", "2026-12"]
    assert triangles.of(old[:1], np.array([0]), np.array([5]), "2026-12") is None


def test_an_old_triangle_gives_the_pattern_and_a_young_one_does_not():
    shares = triangles.reported_shares(grown(14))
    assert shares is not None
    assert shares[:3] == pytest.approx([0.5, 0.8, 1.0])
    assert triangles.reported_shares(grown(triangles.CREDIBLE - 1)) is None


def test_what_was_overestimated_is_no_negative_share():
    shares = triangles.reported_shares(grown(14, (1.4, 1.1, 1.0)))
    assert shares is not None
    assert shares[:3] == pytest.approx([1.0, 1.0, 1.0])


def test_links_that_are_left_out_change_the_pattern():
    found = grown(14)
    values = found.values.copy()
    values[0, 1:] *= 3
    bent = triangles.Triangle(found.origins, values)
    with_it, without = (
        triangles.reported_shares(bent),
        triangles.reported_shares(bent, [(found.origins[0], 0)]),
    )
    assert with_it is not None
    assert without is not None
    assert with_it[0] < 0.5
    assert without[0] == pytest.approx(0.5)
    assert triangles.excluded_links(found, [("2020-01", 0), (found.origins[1], 99)]) == []


def test_errors_of_mack_come_with_it():
    rng = np.random.default_rng(1)
    found = grown(14)
    noisy = triangles.Triangle(
        found.origins, found.values * rng.uniform(0.8, 1.2, (len(found.origins), 1))
    )
    errors = triangles.developed(noisy)
    assert errors is not None
    assert errors.total >= 0
    assert errors.developed.ibnr.sum() > 0
