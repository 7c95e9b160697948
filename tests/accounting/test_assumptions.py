"""Sets of assumptions: shape, portfolios, maker and checker, what differs between two."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from accounting import services
from accounting.models import AssumptionSet, ContractGroup
from accounting.rules import assumptions as rules
from accounting.rules.assumption_changes import differences
from accounting.services.assumptions import BadAssumptions, PolicyChanged
from accounting.services.rulebook import StartsTooEarly
from core.acting import acting
from core.errors import NotAllowed

from .batches import issued

pytestmark = pytest.mark.django_db
START = dt.date(2026, 6, 30)


def shipped() -> dict[str, Any]:
    return copy.deepcopy(AssumptionSet.objects.get(version=1).values)


def draft(values: dict[str, Any], *, start: dt.date = START, maker: str = "kim") -> AssumptionSet:
    with acting(maker):
        return services.assumptions.draft(
            values=values, start=start, note="경험률 반영", provenance="2021–2025 경험통계"
        )


def test_a_second_person_puts_a_set_in_force_and_the_one_before_ends():
    values = shipped()
    values["lines"]["TERM"]["claims_factor"] = 0.9
    made = draft(values)
    with acting("kim"), pytest.raises(NotAllowed):
        services.assumptions.activate(made.pk)
    assert AssumptionSet.objects.get(version=1).period.upper is None
    with acting("lee"):
        services.assumptions.activate(made.pk)
    periods = AssumptionSet.objects.order_by("version").values_list("period", flat=True)
    assert [(p.lower, p.upper) for p in periods] == [(dt.date(2000, 1, 1), START), (START, None)]
    assert AssumptionSet.objects.get(version=2).provenance == "2021–2025 경험통계"


def test_a_set_that_lacks_a_portfolio_with_contracts_is_refused_by_name():
    services.post(issued(1))
    values = shipped()
    del values["lines"]["TERM"]
    with pytest.raises(rules.MissingPortfolio, match="lack TERM"):
        draft(values)
    assert AssumptionSet.objects.count() == 1


def test_a_draft_that_lacks_a_portfolio_by_now_is_not_put_in_force():
    values = shipped()
    del values["lines"]["TERM"]
    made = draft(values)
    services.post(issued(1))
    with acting("lee"), pytest.raises(rules.MissingPortfolio, match="TERM"):
        services.assumptions.activate(made.pk)
    made.refresh_from_db()
    assert made.status == "DRAFT"
    assert AssumptionSet.objects.get(version=1).period.upper is None


def test_the_policy_of_a_portfolio_with_contracts_does_not_change():
    services.post(issued(1))
    values = shipped()
    values["lines"]["TERM"]["finance"] = "PL"
    made = draft(values)
    with acting("lee"), pytest.raises(PolicyChanged, match="TERM"):
        services.assumptions.activate(made.pk)
    assert AssumptionSet.objects.filter(status="ACTIVE").count() == 1
    ContractGroup.objects.get(pk="TERM-2026")


def test_a_set_never_starts_before_the_one_in_force():
    made = draft(shipped(), start=dt.date(2000, 1, 1))
    with acting("lee"), pytest.raises(StartsTooEarly):
        services.assumptions.activate(made.pk)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("lines", "TERM", "claims_factor"), -1, "claims_factor"),
        (("lines", "TERM", "reported"), [0.9, 0.5], "never fall"),
        (("lines", "TERM", "paid"), [0.9, 0.5], "never fall"),
        (("lines", "TERM", "lapse"), [1.5], "lapse"),
        (("lines", "TERM", "finance"), "BOTH", "finance"),
        (("lines", "TERM", "risk"), {"method": "CAPITAL"}, "capital"),
        (("discount", "2026"), 5, "2026"),
        (("unknown",), 1, "unknown"),
    ],
)
def test_values_of_a_wrong_shape_are_refused_with_their_path(path, value, says):
    values = shipped()
    at = values
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    with pytest.raises(BadAssumptions, match=says):
        draft(values)
    assert AssumptionSet.objects.count() == 1


def test_reading_a_portfolio_that_is_not_there_says_so():
    with pytest.raises(rules.MissingPortfolio, match="MARINE"):
        rules.read(shipped()).line("MARINE")


def test_differences_name_each_value():
    before, after = shipped(), shipped()
    after["lines"]["TERM"]["lapse"][1] = 0.2
    del after["lines"]["MOTOR"]["paid"]
    found = differences(before, after)
    changed = {one.path: (one.before, one.after) for one in found}
    assert changed["lines.TERM.lapse.2"] == (0.10, 0.2)
    assert changed["lines.MOTOR.paid.1"] == (0.5, None)
    assert len(found) == 1 + len(before["lines"]["MOTOR"]["paid"])
    assert differences(before, before) == []


def test_a_discarded_draft_stays_on_record():
    made = draft(shipped())
    with acting("lee"):
        services.assumptions.discard(made.pk, reason="근거 부족")
    made.refresh_from_db()
    assert made.status == "RETIRED"
