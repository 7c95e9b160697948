"""Assets against liabilities: the cash that the last run expects, beside what assets bring."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounting.models import FiscalPeriod, MeasurementFlow
from accounting.selectors.liability_cash import liability_cash
from accounting.services import measuring
from core import clock
from core.acting import acting
from core.models import User
from core.permissions import grant

from .world import NOVEMBER, insurer, live, without_close

pytestmark = pytest.mark.django_db


def person(username: str, role: str) -> Client:
    user = User.objects.create(username=username, language="en")
    grant(user, role, by="setup", reason="test", start=dt.date(2020, 1, 1))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_gap_needs_a_run_and_a_right() -> None:
    clock.advance(NOVEMBER)
    url = reverse("accounting:panel_gap")
    assert "the first close brings one" in person("ina", "investment").get(url).content.decode()
    assert person("max", "agent").get(url).status_code == 403


def test_the_gap_takes_the_cash_of_the_last_run_for_the_books(settings) -> None:
    insurer()
    settings.CHAIN = without_close()
    live(NOVEMBER)
    period = FiscalPeriod.objects.get(pk="2026-11")
    with acting("kim"):
        run = measuring.measure(period, business_date=NOVEMBER)
        measuring.measure(period, business_date=NOVEMBER, purpose="WHATIF")
    assert liability_cash(dt.date(2026, 10, 31)) is None
    cash = liability_cash(NOVEMBER)
    assert cash is not None
    assert cash.run == str(run)
    first = {
        kind: sum(
            (
                row.amounts[0]
                for row in MeasurementFlow.objects.filter(run=run, amount_type=kind)
                if row.amounts
            ),
            Decimal(0),
        )
        for kind in ("PREMIUM", "CLAIMS", "EXPENSES", "REPAID", "COMMISSION")
    }
    out = sum(amount for kind, amount in first.items() if kind != "PREMIUM")
    assert cash.net[1] == round(out - first["PREMIUM"])
    with acting("kim"):
        again = measuring.measure(period, business_date=NOVEMBER)
    anew = liability_cash(NOVEMBER)
    assert anew is not None
    assert (anew.run, anew.net) == (str(again), cash.net)  # what superseded it, not both together
    text = person("ina", "investment").get(reverse("accounting:panel_gap")).content.decode()
    assert str(again) in text
    assert "Cumulated gap (KRW)" in text
