"""A small life of the whole house: interrupted, resumed, closed, proved."""

from __future__ import annotations

from datetime import date
from itertools import islice

import pytest

from accounting.models import FiscalPeriod
from config.invariants import prove
from config.simulation.activities import ACTIVITIES
from config.simulation.engine import live
from config.simulation.plan import Plan
from contracts.models import Contract
from core.clock import business_date
from core.models import JobRun

pytestmark = pytest.mark.django_db
PLAN = Plan(40, 2, 7, date(2025, 11, 1))


def test_two_months_of_life_close_without_a_breach():
    *_, reached = islice(live(PLAN, ACTIVITIES), 20)  # somebody pulls the plug after twenty days
    assert reached.number == 20
    sold = Contract.objects.count()
    *_, last = live(PLAN, ACTIVITIES)
    assert last.day == date(2025, 12, 31)
    assert Contract.objects.count() > sold > 0
    days = JobRun.objects.filter(job="day:night").values_list("business_date", flat=True)
    assert len(days) == len(set(days)) == 61
    closed = FiscalPeriod.objects.filter(status="CLOSED").values_list("period", flat=True)
    assert sorted(closed) == ["2025-11", "2025-12"]
    assert business_date() > last.day
    findings, _ = prove()
    assert len(findings) > 100
    assert [f for f in findings if f.breaches] == []
