"""Products with low or no surrender values, as rules: checked, priced, explained, paid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from products.rules import (
    expectations,
    explanation,
    lapses,
    premium,
    rating,
    reserve,
    schedule,
    valuation,
)
from products.rules import surrender as surrenders
from products.rules.display import views_of
from products.rules.reserve import Contracts
from products.rules.ruleset import RuleSet
from products.rules.schemas import problems_of_set
from products.views import quotes
from tests.factories import products as factory

S = 100_000_000
PERSON = {
    "age": 40,
    "sex": "M",
    "term_months": 0,
    "pay_months": 240,
    "per_year": 12,
    "sum_assured": S,
}


def low(ratio: float = 0.0, **basis: Any) -> dict[str, Any]:
    """Return the whole life product with lapses in its premium and its reserve kept standard."""
    rules = factory.rules("WHOLE01")
    standard = dict(rules["PREMIUM_CALC"]["basis"])
    rates = lapses.log_linear(first=0.08, pay_years=20, years=30)
    rules["PREMIUM_CALC"]["basis"] = {**standard, "lapse": rates.tolist(), **basis}
    rules["RESERVE"]["basis"] = standard
    rules["RESERVE"]["surrender"]["guarantee_ratio"] = ratio
    return rules


def gross(rules: RuleSet) -> int:
    return int(rating.rate(rules, PERSON).premiums[0])


def test_the_rules_are_sound_and_shown():
    rules = low(waivers=["KR2018_CANCER"], selection=[0.5, 0.8], instalments="EXACT")
    assert problems_of_set(rules, complete=True) == []
    shown = next(one for one in views_of(rules) if one.rule_type == "PREMIUM_CALC")
    text = " ".join(f"{name} {value}" for name, value in shown.facts)
    assert "8" in text
    assert "암" in text


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"waivers": ["NOWHERE"]}, "$.basis.waivers[0]"),
        ({"lapse": [1.5]}, "$.basis.lapse[0]"),
        ({"instalments": "ROUGH"}, "$.basis.instalments"),
    ],
)
def test_rules_that_make_no_sense_are_refused_by_place(change, path):
    found = problems_of_set(low(**change), complete=True)
    assert path in {problem.path for problem in found}


def test_it_is_cheaper_and_pays_nothing_until_premiums_end():
    plain, none = factory.ruleset("WHOLE01"), RuleSet("LOW", 1, low())
    assert 0.5 * gross(plain) < gross(none) < gross(plain)
    shown = schedule.schedule(
        none,
        sex=0,
        age=40,
        term_months=0,
        pay_months=240,
        per_year=12,
        sum_assured=S,
        premium=gross(none),
    )
    assert shown is not None
    paying = shown.month < 240
    assert not shown.value[paying].any()
    usual = Contracts.of(
        sex=0, age=40, term_months=0, pay_months=240, elapsed_months=[240, 300],
        sum_assured=S, premium=gross(none),
    )  # fmt: skip
    full = surrenders.surrender_value(
        plain.reserve_basis, usual, surrender=plain.surrender
    )  # the standard type's value, in full
    assert shown.value[shown.month == 240][0] == full[0]
    half = RuleSet("HALF", 1, low(0.5))
    held = Contracts.of(
        sex=0, age=40, term_months=0, pay_months=240, elapsed_months=180,
        sum_assured=S, premium=gross(none),
    )  # fmt: skip
    standard = surrenders.surrender_value(plain.reserve_basis, held, surrender=plain.surrender)
    found = surrenders.surrender_value(half.reserve_basis, held, surrender=half.surrender)
    assert abs(found[0] - standard[0] / 2) <= 0.5


def test_premium_and_reserve_are_explained_where_lapses_count():
    rules = low()
    rules["RESERVE"]["basis"] = "PREMIUM_CALC"
    own = RuleSet("LOW", 1, rules)
    rated = rating.rate(own, PERSON)
    trace = rated.trace(0)
    basis = trace["basis"]
    span = sum(one["M_x"] - one["M_end"] for one in basis["coverages"])
    single = next(step["value"] for step in trace["steps"] if step["code"] == "NET_SINGLE")
    assert span / basis["D_x"] == pytest.approx(single, rel=1e-12)
    assert rating.amount_from(trace, S) == rated.premiums[0]
    contract = Contracts.of(
        sex=0, age=40, term_months=0, pay_months=240, elapsed_months=60, sum_assured=S
    )
    steps = explanation.reserve_steps(own, contract)
    assert any(step.value == int(reserve.policy_reserve(own.basis, contract)[0]) for step in steps)


def test_what_is_expected_holds_no_lapses():
    """Measurement has lapses of its own; the exits of the premium are deaths alone."""
    plain = expectations.expected_of(factory.ruleset("WHOLE01"))
    lapsing = expectations.expected_of(RuleSet("LOW", 1, low()))
    np.testing.assert_array_equal(plain.exit_rate, lapsing.exit_rate)
    assert plain.last_age == lapsing.last_age


def test_a_draft_without_a_reserve_is_quoted_without_a_schedule():
    rules = factory.rules("TERM01")
    del rules["RESERVE"]
    person = {**PERSON, "term_months": 240}
    answer = quotes.answer(RuleSet("DRAFT", 0, rules), person)
    assert answer["premium"] > 0
    assert answer["schedule"] == []
    whole = quotes.answer(factory.ruleset("TERM01"), person)
    assert whole["schedule"][-1].month == 240


def test_a_waiver_is_priced_into_the_premium():
    plain = RuleSet("PLAIN", 1, low())
    waiving = RuleSet("WAIVE", 1, low(waivers=["KR2018_CANCER"]))
    assert gross(waiving) > gross(plain)
    who = {name: [PERSON[name]] for name in ("age", "term_months", "pay_months")}
    share = premium.waiver_premium(waiving.basis, sex=[0], per_year=[12], **who)
    assert 0.01 < share[0] < 0.2


@pytest.mark.parametrize(
    ("as_of", "left"),
    [("2026-03-31", 70_000), ("2026-06-30", 50_000), ("2026-12-31", 10_000), ("2027-03-31", 0)],
)
def test_a_product_that_earns_by_eighths(as_of, left):
    rules = factory.rules("DRIVER01")
    rules["RESERVE"]["method"] = "UNEARNED_8"
    assert problems_of_set(rules, complete=True) == []
    columns = {
        "premium": np.array([80_000]),
        "period_start": np.array(["2026-02-10"], "datetime64[D]"),
        "period_end": np.array(["2027-02-10"], "datetime64[D]"),
    }
    found = valuation.reserves(RuleSet("EIGHTHS", 1, rules), columns, as_of=np.datetime64(as_of))
    assert (found.amounts.tolist(), found.basis) == ([left], "UNEARNED")
