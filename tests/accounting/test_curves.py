"""Yield curves: what is refused, which one discounts a month end, what comes out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from accounting import services
from accounting.forms import CurveForm
from accounting.models import YieldCurve
from accounting.rules.curves import Parameters, flat_factors, middle_factors
from accounting.selectors import curves
from accounting.services import loading
from accounting.services.curves import CurveDraft, CurveExists, CurveRefused
from core.acting import acting
from core.errors import NotAllowed

pytestmark = pytest.mark.django_db

GIVEN = CurveDraft(
    base_date=dt.date(2027, 1, 31),
    tenors=[Decimal(t) for t in (1, 3, 5, 10, 20, 30)],
    yields=[Decimal(y) for y in ("0.024", "0.026", "0.027", "0.029", "0.030", "0.029")],
    ltfr=Decimal("0.043"),
    last_liquid_point=Decimal(23),
    convergence_point=Decimal(60),
    liquidity_premium=Decimal("0.004"),
    coupons_per_year=2,
    first_alpha=Decimal("0.1"),
    tolerance=Decimal("0.0001"),
    lowest_alpha=Decimal("0.0001"),
    provenance="국고채 민평 2027-01-31",
)


def entered(**changes: object) -> YieldCurve:
    with acting("kim"):
        return services.curves.draft(dataclasses.replace(GIVEN, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"tenors": [Decimal(t) for t in (1, 5, 3, 10, 20, 30)]},
        {"yields": GIVEN.yields[:-1]},
        {"tenors": GIVEN.tenors[:4], "yields": GIVEN.yields[:4]},
        {"convergence_point": Decimal(20)},
        {"tenors": [], "yields": []},
        {"coupons_per_year": 3},
        {"tolerance": Decimal(0)},
    ],
    ids=[
        "unsorted",
        "a yield missing",
        "too short",
        "converges too soon",
        "empty",
        "coupons that do not divide a year",
        "never converged",
    ],
)
def test_a_curve_that_cannot_be_drawn_is_refused_before_anything_is_written(changes):
    before = YieldCurve.objects.count()
    with pytest.raises(CurveRefused):
        entered(**changes)
    assert YieldCurve.objects.count() == before


def test_a_second_person_puts_a_curve_in_force_once_a_day():
    made = entered()
    with acting("kim"), pytest.raises(NotAllowed):
        services.curves.activate(made.pk)
    assert curves.for_day(dt.date(2027, 2, 15)) != made
    with acting("lee"):
        services.curves.activate(made.pk)
    assert curves.for_day(dt.date(2027, 2, 15)) == made
    assert curves.for_day(dt.date(2027, 1, 30)) != made
    again = entered()
    with acting("lee"), pytest.raises(CurveExists):
        services.curves.activate(again.pk)
    again.refresh_from_db()
    assert again.status == "DRAFT"


def test_what_was_checked_does_not_change():
    made = YieldCurve.objects.filter(status="ACTIVE").first()
    with pytest.raises(IntegrityError), transaction.atomic():
        YieldCurve.objects.filter(pk=made.pk).update(ltfr=Decimal("0.05"))


def test_before_the_first_curve_nothing_can_be_discounted():
    with pytest.raises(curves.NoCurve, match="2001-01-31"):
        curves.for_day(dt.date(2001, 1, 31))


def test_the_curve_meets_its_parameters():
    curve = curves.drawn(entered())
    year = np.array([60.0, 61.0])
    price = curve.discount(year)
    assert price[0] / price[1] - 1 == pytest.approx(0.043, abs=1.01e-4)
    monthly = middle_factors(curve, 1_200)
    assert monthly[0] < 1
    assert (np.diff(monthly) < 0).all()
    assert curve.discount(0.5 / 12.0) == pytest.approx(monthly[0])


def test_flat_factors_fall_by_the_month():
    found = flat_factors(np.array([0.0, 0.12]), 13)
    assert found[0].tolist() == [1.0] * 13
    assert found[1, 12] / found[1, 0] == pytest.approx(1 / 1.12)


def test_the_table_is_the_only_source_of_parameters():
    """What is stored decides, all of it; the program has no figure of its own."""
    assert all(f.default is dataclasses.MISSING for f in dataclasses.fields(Parameters))
    plain = curves.drawn(entered())
    years = np.array([2.0, 25.0, 40.0, 70.0])
    for change in (
        {"coupons_per_year": 1},
        {"first_alpha": Decimal("0.2")},
        {"tolerance": Decimal("0.001")},
        {"lowest_alpha": Decimal("0.5")},
    ):
        other = curves.drawn(entered(**change))
        assert np.abs(other.discount(years) - plain.discount(years)).max() > 1e-6, change
    for row in json.loads((loading.DATA / "curves.json").read_text(encoding="utf-8")):
        stored = YieldCurve.objects.get(base_date=row["base_date"], status="ACTIVE")
        for name in ("ltfr", "last_liquid_point", "liquidity_premium", "first_alpha", "tolerance"):
            assert getattr(stored, name) == Decimal(row[name]), (row["base_date"], name)


def test_the_form_hands_on_what_is_in_force():
    form = CurveForm(
        {
            "base_date": "2027-01-31",
            "tenors": "1, 3, 5, 10, 20, 30",
            "yields": "2.4, 2.6, 2.7, 2.9, 3.0, 2.9",
            "ltfr": "4.3",
            "last_liquid_point": "23",
            "convergence_point": "60",
            "liquidity_premium": "0.4",
            "coupons_per_year": "2",
            "first_alpha": "0.1",
            "tolerance": "1",
            "lowest_alpha": "0.0001",
            "provenance": GIVEN.provenance,
        }
    )
    assert form.is_valid(), form.errors
    assert form.draft == GIVEN


def test_an_archive_from_before_says_the_same_curve():
    """Runs made when four parameters were constants are drawn with those constants."""
    now = curves.inputs(entered())
    then = {k: v for k, v in now.items() if k not in curves._BEFORE}
    years = np.arange(1, 100)
    assert (
        curves.from_inputs(then).discount(years) == curves.from_inputs(now).discount(years)
    ).all()
