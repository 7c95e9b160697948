"""Rules that make no sense are refused with the path and a reason; tables with the age."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from products.rules import schemas, tables
from tests.factories import products as factory


def problems(rule_type: str, code: str = "TERM01", **changes: Any) -> dict[str, str]:
    """Return reasons by path after changing a shipped rule at dotted paths."""
    value = factory.rules(code)[rule_type]
    for path, new in changes.items():
        *parents, last = [int(p) if p.isdigit() else p for p in path.split("__")]
        place = value
        for parent in parents:
            place = place[parent]
        if new is ...:
            del place[last]
        else:
            place[last] = new
    found = schemas.problems_of(rule_type, value)
    assert all(problem.rule_type == rule_type for problem in found)
    return {problem.path: problem.reason for problem in found}


@pytest.mark.parametrize("code", sorted(path.stem for path in factory.SHIPPED.glob("*.json")))
def test_shipped_rules_are_sound(code: str) -> None:
    assert schemas.problems_of_set(factory.rules(code), complete=True) == []


@pytest.mark.parametrize(
    ("rule_type", "changes", "path"),
    [
        ("AGE_LIMIT", {"min_age": ...}, "$.min_age"),
        ("AGE_LIMIT", {"min_age": "20"}, "$.min_age"),
        ("AGE_LIMIT", {"min_age": 61}, "$.min_age"),
        ("AGE_LIMIT", {"minimum": 1}, "$.minimum"),
        ("AGE_LIMIT", {"plans": []}, "$.plans"),
        ("AGE_LIMIT", {"plans__0__pay_months": [132]}, "$.plans[0].pay_months[0]"),
        ("AGE_LIMIT", {"plans__0__term_months": 125}, "$.plans[0].term_months"),
        ("COVERAGE_LIMIT", {"max_sum": 5_000_000}, "$.min_sum"),
        ("COVERAGE_LIMIT", {"step": 3_000_000}, "$.min_sum"),
        ("COVERAGE_LIMIT", {"coverages__0__sum_ratio": 0}, "$.coverages[0]"),
        ("COVERAGE_LIMIT", {"coverages__0__peril": "FLOOD"}, "$.coverages[0].peril"),
        ("PREMIUM_CALC", {"basis__interest": 2.5}, "$.basis.interest"),
        ("PREMIUM_CALC", {"basis__exits": ["NO_TABLE"]}, "$.basis.exits[0]"),
        ("PREMIUM_CALC", {"basis__coverages__0__annual_rate": 0.1}, "$.basis.coverages[0]"),
        ("PREMIUM_CALC", {"basis__loadings__gamma": 0.9}, "$.basis.loadings"),
        ("PREMIUM_CALC", {"payments_per_year": [3]}, "$.payments_per_year[0]"),
        ("PREMIUM_CALC", {"rounding__mode": "BANKERS"}, "$.rounding.mode"),
        (
            "PREMIUM_CALC",
            {"factors__0__table__rules__0__age": "> > 40"},
            "$.factors[0].table.rules[0].age",
        ),
        (
            "PREMIUM_CALC",
            {"factors__0__table__inputs__0__field": "shoe_size"},
            "$.factors[0].table.inputs[0].field",
        ),
        ("PREMIUM_CALC", {"factors__1__expression": "1 + oops"}, "$.factors[1].expression"),
        ("PREMIUM_CALC", {"factors__1__expression": "1 +"}, "$.factors[1].expression"),
        ("COMMISSION_RULE", {"comm_rate": 500}, "$.instalments"),
        ("COMMISSION_RULE", {"comm_rate": 1000}, "$.comm_rate"),
        ("COMMISSION_RULE", {"cap__first_year_multiple": 3}, "$.instalments"),
        ("COMMISSION_RULE", {"instalments__1__instalment": 1}, "$.instalments[1].instalment"),
        ("RESERVE", {"method": "GUESS"}, "$.method"),
        ("RESERVE", {"surrender": ...}, "$.surrender"),
        ("UNDERWRITING", {"table__rules__0__result": "'MAYBE'"}, "$.table.rules[0].result"),
        ("UNDERWRITING", {"table__rules__0__colour": "1"}, "$.table.rules[0].colour"),
        ("UNDERWRITING", {"table__rules__1___id": "UW-01"}, "$.table.rules[1]._id"),
        ("CLAWBACK", {"table__1__from": 8}, "$.table[1].from"),
        ("CLAWBACK", {"table__0__percent": 120}, "$.table[0].percent"),
    ],
)
def test_bad_rules_are_refused_by_path_and_reason(
    rule_type: str, changes: dict[str, Any], path: str
) -> None:
    found = problems(rule_type, **changes)
    assert path in found
    assert found[path]


def test_every_fault_is_listed_at_once() -> None:
    found = problems("AGE_LIMIT", min_age="x", max_age=..., plans=[])
    assert set(found) == {"$.min_age", "$.max_age", "$.plans"}


def test_reasons_are_plain_words_of_the_reader() -> None:
    with translation.override("en"):
        english = problems("AGE_LIMIT", min_age="x")["$.min_age"]
    assert english == "must be a whole number"


def test_rules_must_agree_with_each_other() -> None:
    rules = factory.rules("CANCER01")
    rules["COVERAGE_LIMIT"]["coverages"].pop()
    found = schemas.problems_of_set(rules, complete=True)
    assert [p.path for p in found] == ["$.basis.coverages[1].code"]


def test_missing_rules_are_named() -> None:
    found = schemas.problems_of_set({}, complete=True)
    assert {p.rule_type for p in found} == set(schemas.REQUIRED)
    assert schemas.problems_of_set({}, complete=False) == []


def rows(*lines: tuple[object, ...]) -> list[dict[str, str]]:
    return [dict(zip(("age", "male", "female"), map(str, line), strict=True)) for line in lines]


@pytest.mark.parametrize(
    ("lines", "age"),
    [
        ([(0, 0.1, 0.1), (2, 0.1, 0.1)], "age 2"),
        ([(0, 0.1, 0.1), (0, 0.1, 0.1)], "age 0"),
        ([(5, 0.1, 0.1), (4, 0.1, 0.1)], "age 4"),
        ([(0, 0.1, 0.1), (1, 1.2, 0.1)], "age 1"),
        ([(0, 0.1, 0.1), (1, 0.1, -0.1)], "age 1"),
        ([(0, 0.1, "x")], "age 0"),
        ([(0, 0.1, 0.1), (1, "", 0.1), (2, 0.1, 0.1)], "age 2"),
        ([(0, "", 0.1)], "age 0"),
        ([], "no rows"),
    ],
)
def test_bad_tables_name_the_age(lines: list[tuple[object, ...]], age: str) -> None:
    with pytest.raises(tables.BadTable, match=age):
        tables.parse("T", rows(*lines))


def test_a_table_says_what_it_does_beyond_its_end() -> None:
    closed = tables.parse("T", rows((0, 0.5, 0.5), (1, 1, 1)))
    assert closed.rates(4)[0].tolist() == [0.5, 1, 1, 1]
    held = tables.parse("T", rows((0, 0.5, 0.5), (1, 0.6, 0.7)), open_ended=True)
    assert held.rates(4)[1].tolist() == [0.5, 0.7, 0.7, 0.7]
    with pytest.raises(tables.BadTable, match="age 2"):
        tables.parse("T", rows((0, 0.5, 0.5), (1, 0.6, 0.7))).rates(4)


@pytest.mark.parametrize("table_id", sorted(tables.index()))
def test_shipped_tables_are_sound_and_say_where_they_come_from(table_id: str) -> None:
    table = tables.load(table_id)
    assert table.source
    assert table.provenance
    assert table.closed or table.open_ended
    assert set(table.names) == {"ko", "en"}


def test_the_death_table_is_the_regulation() -> None:
    table = tables.load("KR7_DEATH")
    assert table.last_age == (110, 112)
    assert (table.q[0, 40], table.q[1, 40]) == (0.00106, 0.00057)
    assert (table.q[0, 60], table.q[1, 60]) == (0.0066, 0.00238)
