"""Premiums, acceptance and underwriting: batch equals single, and every answer can be explained."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from products.rules import ages, eligibility, jdm, rating, underwriting
from products.rules.ruleset import RuleSet
from tests.factories import products as factory

PLANS = {
    "TERM01": (20, 60, [(120, 120), (240, 120), (240, 240)]),
    "WHOLE01": (15, 50, [(0, 120), (0, 240), (0, 360)]),
    "CANCER01": (15, 65, [(120, 120), (240, 240)]),
    "DRIVER01": (18, 75, [(12, 12)]),
}


@st.composite
def people(draw: st.DrawFn) -> tuple[str, list[dict[str, object]]]:
    code = draw(st.sampled_from(sorted(PLANS)))
    low, high, plans = PLANS[code]
    person = st.fixed_dictionaries(
        {
            "age": st.integers(low, high),
            "sex": st.sampled_from("MF"),
            "plan": st.sampled_from(plans),
            "per_year": st.sampled_from([0, 1, 2, 4, 12]),
            "sum_assured": st.integers(1, 1000).map(lambda n: n * 1_000_000),
            "smoker": st.booleans(),
            "extra_percent": st.sampled_from([0, 30, 50, 100]),
            "job_class": st.integers(1, 3),
            "vehicle_use": st.sampled_from(["PRIVATE", "COMMERCIAL", "NONE"]),
            "hospitalised_5y": st.booleans(),
            "accidents_3y": st.integers(0, 6),
        }
    )
    rows = draw(st.lists(person, min_size=1, max_size=8))
    return code, [_row(row) for row in rows]


def _row(row: dict) -> dict:
    term, pay = row.pop("plan")
    return {**row, "term_months": term, "pay_months": pay}


def columns(rows: list[dict[str, object]]) -> dict[str, np.ndarray]:
    out = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        text = isinstance(values[0], str)
        out[name] = np.array(values, dtype=object if text else None)
    return out


@settings(max_examples=60, deadline=None)
@given(people())
def test_batch_equals_single_and_the_trace_gives_the_premium(case: tuple) -> None:
    code, rows = case
    rules = factory.ruleset(code)
    batch = rating.rate(rules, columns(rows))
    decided = underwriting.underwrite(rules, columns(rows))
    for number, row in enumerate(rows):
        alone = rating.rate(rules, columns([row]))
        assert alone.premiums[0] == batch.premiums[number] > 0
        combination = int(batch.index[number])
        trace = batch.trace(combination)
        assert rating.amount_from(trace, int(row["sum_assured"])) == batch.premiums[number]
        assert alone.digests[0] == batch.digests[combination]
        single = underwriting.underwrite(rules, columns([row]))
        assert single.outcomes[0] == decided.outcomes[decided.index[number]]


@settings(max_examples=40, deadline=None)
@given(people(), st.randoms())
def test_order_of_rows_changes_nothing(case: tuple, random: object) -> None:
    code, rows = case
    rules = factory.ruleset(code)
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    straight = rating.rate(rules, columns(rows)).premiums
    shuffled = rating.rate(rules, columns([rows[i] for i in order])).premiums
    np.testing.assert_array_equal(shuffled, straight[order])


BASE = {
    "age": 40,
    "sex": "M",
    "term_months": 240,
    "pay_months": 240,
    "per_year": 12,
    "sum_assured": 100_000_000,
}


def premium(code: str = "TERM01", **changes: object) -> int:
    return int(rating.rate(factory.ruleset(code), BASE | changes).premiums[0])


def test_premiums_follow_the_risk() -> None:
    assert premium(age=30) < premium(age=40) < premium(age=50)
    assert premium(sex="F") < premium(sex="M")
    assert premium(smoker=False) < premium(smoker=True)
    assert premium() < premium(extra_percent=50)
    driver = {"term_months": 12, "pay_months": 12}
    private = premium("DRIVER01", **driver)
    assert premium("DRIVER01", vehicle_use="NONE", **driver) < private
    assert private < premium("DRIVER01", vehicle_use="COMMERCIAL", **driver)
    assert private % 10 == 0


def test_premiums_of_the_shipped_products_do_not_move() -> None:
    assert premium() == 27_568
    assert premium("WHOLE01", term_months=0) == 224_442
    assert premium("CANCER01", sum_assured=50_000_000) == 18_154
    assert premium("DRIVER01", term_months=12, pay_months=12) == 10_380


def test_the_waiting_period_makes_the_cover_cheaper() -> None:
    rules = factory.rules("CANCER01")
    for coverage in rules["COVERAGE_LIMIT"]["coverages"]:
        coverage["waiting_days"], coverage["first_year_percent"] = 0, 100
    full = rating.rate(RuleSet("C", 1, rules), BASE | {"sum_assured": 50_000_000})
    assert premium("CANCER01", sum_assured=50_000_000) < int(full.premiums[0])


def test_the_trace_names_the_rows_that_fired() -> None:
    rated = rating.rate(
        factory.ruleset("DRIVER01"),
        BASE
        | {
            "term_months": 12,
            "pay_months": 12,
            "age": 22,
            "job_class": 2,
        },
    )
    factors = rated.trace(0)["factors"]
    assert [f["row"] for f in factors] == ["JOB-2", "USE-1"]
    assert factors[1]["conditions"] == {"vehicle_use": "'PRIVATE'", "age": "< 26"}
    assert [f["value"] for f in factors] == [1.25, 1.3]


def test_an_input_that_no_row_answers_is_refused() -> None:
    driver = {"term_months": 12, "pay_months": 12}
    with pytest.raises(jdm.RuleFailed, match="JOB"):
        premium("DRIVER01", job_class=4, **driver)
    with pytest.raises(jdm.RuleFailed, match="sum_assured"):
        rating.rate(factory.ruleset(), {k: v for k, v in BASE.items() if k != "sum_assured"})
    with pytest.raises(jdm.RuleFailed, match="140"):
        premium(age=140)


def table(hit: str, rules: list[dict[str, str]]) -> jdm.DecisionTable:
    return jdm.DecisionTable(
        {
            "hitPolicy": hit,
            "inputs": [{"id": "a", "field": "a"}, {"id": "b", "field": "b"}],
            "outputs": [{"id": "factor", "field": "factor"}],
            "rules": rules,
        },
        "T",
    )


CELLS = st.sampled_from(["", "1", "> 3", "[2..5)", "<= 0", "not in [1,2]", "2, 4"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(-2, 7), st.integers(-2, 7)), min_size=1, max_size=12),
    st.sampled_from(["first", "collect"]),
)
def test_classes_answer_as_zen_does_for_each_row(
    cells: list[tuple[str, str]], rows: list[tuple[int, int]], hit: str
) -> None:
    rules = [{"_id": f"R{n}", "a": a, "b": b, "factor": str(n)} for n, (a, b) in enumerate(cells)]
    compiled = table(hit, rules)
    a, b = np.array(rows).T
    answer = compiled.evaluate({"a": a, "b": b})
    for number in range(len(rows)):
        alone = compiled._run({"a": int(a[number]), "b": int(b[number])})
        assert answer.outcomes[answer.index[number]] == alone


def test_cells_may_read_other_columns() -> None:
    compiled = table(
        "first",
        [
            {"_id": "R1", "a": "> b", "b": "", "factor": "a * 2"},
            {"_id": "R2", "a": "", "b": "", "factor": "0"},
        ],
    )
    answer = compiled.evaluate({"a": np.array([5, 1, 6]), "b": np.array([3, 3, 3])})
    found = [answer.outcomes[i].outputs[0]["factor"] for i in answer.index]
    assert found == [10, 0, 12]


def codes(code: str = "TERM01", **changes: object) -> list[str]:
    found = eligibility.eligible(factory.ruleset(code), BASE | changes)
    assert all(refusal.reason for refusal in found)
    return [refusal.code for refusal in found]


def test_boundaries_of_acceptance() -> None:
    assert codes() == []
    assert codes(age=20) == codes(age=60, term_months=120, pay_months=120) == []
    assert codes(age=19) == ["AGE_BELOW"]
    assert codes(age=61, term_months=120, pay_months=120) == ["AGE_ABOVE"]
    assert codes(age=60) == []
    assert codes(age=60, sum_assured=301_000_000) == ["SUM_AT_AGE"]
    assert codes(pay_months=180) == ["PLAN"]
    assert codes(per_year=4) == ["FREQUENCY"]
    assert codes(sum_assured=10_000_000) == codes(sum_assured=500_000_000) == []
    assert codes(sum_assured=9_000_000) == ["SUM_BELOW"]
    assert codes(sum_assured=501_000_000) == ["SUM_ABOVE"]
    assert codes(sum_assured=100_500_000) == ["SUM_STEP"]
    assert codes(existing_sum=900_000_000) == []
    assert codes(existing_sum=901_000_000) == ["SUM_TOTAL"]
    driver = {"term_months": 12, "pay_months": 12}
    assert codes("DRIVER01", job_class=5, **driver) == ["CHOICE"]
    assert codes("WHOLE01", term_months=0, pay_months=360, age=51) == ["PLAN"]


def test_refusals_name_their_row_in_a_batch() -> None:
    found = eligibility.eligible(factory.ruleset(), BASE | {"age": np.array([40, 10, 70])})
    assert [(r.row, r.code) for r in found] == [
        (1, "AGE_BELOW"), (2, "AGE_ABOVE"), (2, "AGE_AT_END"),
    ]  # fmt: skip
    assert found[0].params["age"] == 10


@pytest.mark.parametrize(
    ("answers", "result", "extra", "rules"),
    [
        ({}, "PASS", 0, []),
        ({"job_class": 3}, "CONDITION", 30, ["UW-05"]),
        ({"hospitalised_5y": True, "job_class": 3}, "CONDITION", 80, ["UW-03", "UW-05"]),
        ({"age": 51, "hospitalised_5y": True}, "REFER", 0, ["UW-04"]),
        ({"major_disease_5y": True, "treated_3m": True}, "REJECT", 0, ["UW-01", "UW-02"]),
        ({"existing_sum": 500_000_001}, "REFER", 0, ["UW-08"]),
    ],
)
def test_underwriting(answers: dict, result: str, extra: int, rules: list[str]) -> None:
    decided = underwriting.underwrite(factory.ruleset(), BASE | answers)
    outcome = decided.outcomes[decided.index[0]]
    assert (outcome.result, outcome.extra_percent) == (result, extra)
    assert [finding.rule for finding in outcome.findings] == rules
    assert all(f.reason["ko"] and f.reason["en"] for f in outcome.findings)


def test_underwriting_exclusion() -> None:
    decided = underwriting.underwrite(factory.ruleset(), BASE | {"hazardous_hobby": True})
    assert decided.outcomes[0].exclusions == ("위험 취미활동 중 사고",)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("1990-03-15", "2026-03-15", 36),
        ("1990-03-15", "2026-09-14", 36),
        ("1990-03-15", "2026-09-15", 37),
        ("1990-10-15", "2026-03-02", 35),
        ("2000-02-29", "2026-08-28", 26),
        ("2000-02-29", "2026-08-29", 27),
        ("1990-08-31", "2026-02-27", 35),
        ("1990-08-31", "2026-02-28", 36),
    ],
)
def test_insurance_age(born: str, on: str, age: int) -> None:
    found = ages.insurance_age(born=np.array([born], "datetime64[D]"), on=np.datetime64(on))
    assert found.tolist() == [age]
