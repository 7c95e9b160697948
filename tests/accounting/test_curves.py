"""Yield curves: what is refused, which one discounts a month end, what comes out."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from accounting import services
from accounting.models import YieldCurve
from accounting.rules.curves import flat_factors, middle_factors
from accounting.selectors import curves
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
    ],
    ids=["unsorted", "a yield missing", "too short", "converges too soon", "empty"],
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
