"""The schedule shown at sale is what is paid later."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from contracts import services
from contracts.models import Contract, Termination
from contracts.tasks import BILLING, COLLECTION
from core.clock import advance
from core.errors import NotFound
from products import api as products
from products import selectors
from products.rules import schedule as schedules
from tests.factories.contracts import issued, world
from tests.factories.sales import person

pytestmark = pytest.mark.django_db
WHOLE = {"sum_assured": 100_000_000, "term_months": 0, "pay_months": 120}


@pytest.fixture
def place():
    return world(date(2026, 1, 15), "TERM01", "WHOLE01", "DRIVER01")


def premiums_until(last: date) -> None:
    """Bill and collect on the days around each due date."""
    day = date(2026, 2, 15)
    while day <= last:
        for step in (BILLING, COLLECTION):
            if 15 <= day.day <= 22 and step.due(day) and (keys := list(step.select(day))):
                step.run(day, keys)
        day += timedelta(days=1)


def test_a_surrender_pays_what_the_schedule_showed_at_sale(place):
    (whole,) = issued(place, code="WHOLE01", plan=WHOLE, start=0)
    (term,) = issued(place, code="TERM01", start=5)
    (again,) = issued(place, code="WHOLE01", plan=WHOLE, start=9)
    shown = {number: services.schedule_of(number) for number in (whole, term, again)}
    day = date(2027, 7, 14)
    premiums_until(day)
    figures = {}
    for number, months in ((whole, 18), (term, 18), (again, 18)):
        contract = Contract.objects.get(pk=number)
        assert contract.paid_instalments == months
        figures[number] = services.surrender_figures(number, day=date(2027, 7, 15))
    between = services.surrender_figures(whole, day=day)
    assert between.premiums_paid == figures[whole].premiums_paid
    year = {number: next(r for r in rows if r.month == 12) for number, rows in shown.items()}
    two = {number: next(r for r in rows if r.month == 24) for number, rows in shown.items()}
    assert year[whole].day == date(2027, 1, 15)
    assert year[whole].value <= figures[whole].refund <= two[whole].value

    premiums_until(date(2028, 1, 14))
    anniversary = date(2028, 1, 15)
    advance(anniversary)
    for number in (whole, term):
        row = two[number]
        paid = services.surrender(contract_id=number, reason="", day=anniversary, by="servicer")
        ended = Termination.objects.get(contract_id=number)
        assert (paid, ended.refund) == (row.value, row.value)
        assert row.premiums == 24 * Contract.objects.get(pk=number).premium_amount
        assert row.day == anniversary
    assert two[whole].value > 0
    assert [r.value for r in services.schedule_of(again)] == [r.value for r in shown[again]]


@pytest.mark.parametrize(
    ("code", "plan"), [("WHOLE01", WHOLE), ("TERM01", None)], ids=["whole", "term"]
)
def test_the_quote_shows_the_schedule_of_the_contract(place, code, plan):
    (number,) = issued(place, code=code, plan=plan)
    contract = Contract.objects.get(pk=number)
    ruleset = selectors.ruleset(selectors.version_row(product_code=code, version=1))
    quoted = schedules.schedule(
        ruleset,
        sex=0,
        age=40,
        term_months=contract.term_months,
        pay_months=contract.pay_months,
        per_year=12,
        sum_assured=int(contract.sum_assured),
        premium=int(contract.premium_amount),
    )
    assert quoted is not None
    rows = services.schedule_of(number)
    for name in ("month", "premiums", "reserve", "deduction", "value"):
        assert getattr(quoted, name).tolist() == [getattr(row, name) for row in rows], name


def test_short_cover_is_shown_month_by_month(place):
    (number,) = issued(place, code="DRIVER01")
    rows = services.schedule_of(number)
    assert [row.month for row in rows] == list(range(1, 13))
    assert schedules.months_shown(240).tolist() == [3, 6, 9, *range(12, 241, 12)]
    ruleset = selectors.ruleset(selectors.version_row(product_code="DRIVER01", version=1))
    given = {"sex": 0, "age": 40, "term_months": 12, "pay_months": 12, "per_year": 12}
    assert schedules.schedule(ruleset, **given, sum_assured=1, premium=1) is None


def test_whole_life_runs_to_the_end_of_the_table(place):
    months = products.schedule_months("WHOLE01", 1, sex="M", age=40, term_months=0)
    assert months[-1] == 12 * (110 + 1 - 40)
    assert np.all(np.diff(months) > 0)


def test_an_unknown_contract_has_no_schedule(place):
    with pytest.raises(NotFound):
        services.schedule_of("POL-2026-999999")


def test_the_panel_shows_it_to_those_who_may(place):
    (number,) = issued(place, code="WHOLE01", plan=WHOLE)
    rows = services.schedule_of(number)
    people = [
        ("servicer", "policy_servicing", {}, 200),
        ("other", "agent", {"own": place.agents[2]}, 404),
        ("nobody", "administrator", {}, 403),
    ]
    for name, role, scope, status in people:
        client = Client()
        client.force_login(person(name, role, **scope))
        page = client.get(reverse("contracts:panel_schedule", args=[number]))
        assert page.status_code == status, name
        assert (f"{rows[20].value:,}" in page.content.decode()) is (status == 200)
