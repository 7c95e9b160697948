from datetime import date

import numpy as np
import pytest

from contracts import api, services
from contracts.models import Contract
from contracts.selectors.facts import named
from core.permissions import Scope
from tests.factories.contracts import DAY, issued, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return world()


def test_facts_are_plain_and_complete(place):
    (number,) = issued(place, agent_id=place.agents[1])
    fact = api.facts([number, "CON-0"])[number]
    assert set(api.facts([number, "CON-0"])) == {number}
    assert (fact.product_code, fact.version, fact.line) == ("TERM01", 1, "TERM")
    assert fact.product_name == "물길 든든한 정기보험 (무배당)"
    assert (fact.status, fact.customer_name, fact.agent_id) == ("ACTIVE", "고객0", place.agents[1])
    assert (fact.contract_date, fact.cohort_year) == (DAY, 2026)
    assert fact.premium == Contract.objects.get(pk=number).premium_amount


def test_measurement_points_are_what_waits_or_is_in_force(place):
    life, waiting = issued(place)[0], issued(place, start=1, received=0)[0]
    ended = issued(place, start=2)[0]
    services.surrender(contract_id=ended, reason="x", day=DAY, by="x")
    points = api.measurement_points(DAY)
    assert set(points.contract_id) == {life, waiting}
    assert len(points) == 2
    at = points.contract_id.tolist().index(life)
    assert points.measurement[at] == "GMM"
    assert (points.total_instalments[at], points.paid_instalments[at]) == (240, 1)
    assert points.reserve[at] == Contract.objects.get(pk=life).reserves.get().reserve_amount


def test_reserves_and_premiums_by_line(place):
    life, car = issued(place)[0], issued(place, code="DRIVER01", start=1)[0]
    reserves = api.reserve_total(DAY)
    assert reserves == {
        "TERM": int(Contract.objects.get(pk=life).reserves.get().reserve_amount),
        "ACCIDENT": int(Contract.objects.get(pk=car).reserves.get().reserve_amount),
    }
    assert api.reserve_total(date(2026, 1, 14)) == {}
    assert api.premium_by_line(date(2026, 1, 31)) == {
        "TERM": int(Contract.objects.get(pk=life).premium_amount),
        "ACCIDENT": int(Contract.objects.get(pk=car).premium_amount),
    }
    assert api.premium_by_line(date(2026, 2, 1)) == {}


@pytest.mark.parametrize("word", ["{0}", "2026-{1}", "con-2026", "고객42", "0042", "{2}"])
def test_contracts_are_found_by_what_people_know(place, word):
    (number,) = issued(place, start=42)
    issued(place, start=7)
    digits = number.rsplit("-", 1)[1]
    found = named(Contract.objects.all(), word.format(number, digits, int(digits)))
    assert number in set(found.values_list("pk", flat=True))


def test_a_word_that_nobody_has_finds_nothing(place):
    issued(place)
    for word in ("없는이름", "9999", "CON-1999"):
        assert not named(Contract.objects.all(), word).exists(), word


def test_claims_find_contracts_in_their_scope(place):
    (mine,) = issued(place, agent_id=place.agents[0])
    issued(place, agent_id=place.agents[2], start=1)
    found = api.find_for_claim("고객", Scope(own=place.agents[0]))
    assert [number for number, _ in found] == [mine]
    assert len(api.find_for_claim("고객", Scope(branch="B01"))) == 1
    assert len(api.find_for_claim("고객", Scope())) == 2


def test_everything_that_must_hold_holds_and_a_planted_breach_is_found(place):
    (number,) = issued(place)
    services.bill([number], day=date(2026, 2, 15))
    assert [finding for finding in api.invariants() if finding[1]] == []
    Contract.objects.filter(pk=number).update(paid_instalments=7)
    broken = {name: (count, first) for name, count, first in api.invariants() if count}
    assert broken == {"paid instalments are the collected bills": (1, number)}


def test_cover_is_asked_row_by_row(place):
    first, second = issued(place, 2)
    ids = np.array([second, "CON-0", first, first], dtype=object)
    days = np.array(["2026-01-15", "2026-01-15", "2026-01-14", "2030-01-01"], "datetime64[D]")
    assert api.in_force(ids, days).tolist() == [True, False, False, True]
    assert api.in_force(ids, DAY).tolist() == [True, False, True, True]
