"""Worked examples of life contingencies and of Korean reserves."""

import numpy as np
import pytest

from products.rules import commutation, monthly, reserve, surrender, tables
from products.rules.basis import Basis, Coverage
from products.rules.commutation import Timing
from products.rules.premium import net_premium
from products.rules.reserve import Contracts
from products.rules.surrender import Deduction, SurrenderBasis
from tests.golden import DIRECTORY, case


def death_basis(interest: float, *, maturity: float = 0.0, **own: tables.RateTable) -> Basis:
    name = next(iter(own), "KR7_DEATH")
    return Basis(
        interest=interest,
        timing=Timing.YEAR_END,
        exits=(name,),
        coverages=(Coverage(code="DEATH", table=name, sum_ratio=1.0),),
        maturity_ratio=maturity,
        own_tables=own,
    )


def sult() -> tables.RateTable:
    makeham = case("sult_amlcr").inputs["makeham"]
    a, b, c = makeham["A"], makeham["B"], makeham["c"]
    age = np.arange(20, 131)
    q = 1 - np.exp(-(a + b / np.log(c) * c**age * (c - 1)))
    q[-1] = 1.0
    return tables.RateTable(table_id="SULT", first_age=20, q=np.array([q, q]))


@pytest.mark.parametrize("age", [20, 40, 50, 60, 65, 70, 80])
def test_sult_annuities_and_insurances(age: int) -> None:
    expected = case("sult_amlcr").exact[str(age)]
    table = death_basis(0.05, SULT=sult()).table
    years = table.end - age
    assert table.lives[0, age] == pytest.approx(expected["l"], rel=1e-12)
    due = commutation.annuity_due(table, sex=[0], age=[age], years=[years])
    assert due[0] == pytest.approx(expected["adue"], rel=1e-10)
    weights = np.array([1.0])
    whole = commutation.term_benefits(table, weights=weights, sex=[0], age=[age], years=[years])
    assert whole[0] == pytest.approx(expected["A"], rel=1e-8)


@pytest.mark.parametrize(
    ("kind", "term_months", "maturity"),
    [("term", 240, 0.0), ("whole20", 0, 0.0), ("endow", 240, 1.0)],
)
def test_sult_net_premium_and_reserve(kind: str, term_months: int, maturity: float) -> None:
    expected = case("sult_net_premium_reserves").exact[kind]
    basis = death_basis(0.05, maturity=maturity, SULT=sult())
    contracts = Contracts.of(
        sex=0,
        age=40,
        term_months=term_months,
        pay_months=240,
        elapsed_months=120,
        sum_assured=100_000,
        per_year=1,
    )
    net = reserve.net_of(basis, basis.ratios, maturity, contracts)
    assert net.annual[0] * 100_000 == pytest.approx(expected["P"], rel=1e-8)
    value = reserve.net_premium_reserve(basis, contracts)
    assert value[0] == pytest.approx(expected["V10"], rel=1e-8)


KOREAN = case("kr_std7_net_premium_reserve").exact


@pytest.mark.parametrize("expected", KOREAN, ids=lambda e: f"{e['sex']}{e['x']}{e['kind']}{e['i']}")
def test_korean_standard_rates(expected: dict) -> None:
    kind, years = expected["kind"], len(expected["V"])
    maturity = 1.0 if kind == "endowment" else 0.0
    basis = death_basis(expected["i"], maturity=maturity)
    contracts = Contracts.of(
        sex=0 if expected["sex"] == "M" else 1,
        age=expected["x"],
        term_months=0 if kind == "wholelife" else 12 * expected["n"],
        pay_months=12 * expected["m"],
        elapsed_months=12 * np.arange(years),
        sum_assured=int(expected["S"]),
        per_year=1,
    )
    net = reserve.net_of(basis, basis.ratios, maturity, contracts)
    assert net.annual[0] * expected["S"] == pytest.approx(expected["P"], abs=1e-6)
    value = reserve.net_premium_reserve(basis, contracts)
    np.testing.assert_allclose(value, expected["V"], atol=1e-6, rtol=0)
    deduction = Deduction.SAVINGS if kind == "endowment" else Deduction.PROTECTION
    charge = surrender.standard_deduction(basis, contracts, kind=deduction)
    assert charge[0] == pytest.approx(expected["std_surr_charge"], abs=1e-6)
    cost = surrender.unamortised_cost(basis, contracts, surrender=SurrenderBasis(kind=deduction))
    np.testing.assert_allclose(np.maximum(0, value - cost), expected["W"], atol=1e-6, rtol=0)
    won = surrender.surrender_value(basis, contracts, surrender=SurrenderBasis(kind=deduction))
    assert np.all(np.abs(won - np.array(expected["W"])) <= 1.0)


@pytest.mark.parametrize("point", ["1", "2", "4"])
def test_monthly_account_of_whole_life(point: str) -> None:
    expected = case("krlib_wholelife").published[point]
    policy, scalars = expected["policy"], expected["scalars"]
    own = tables.read(DIRECTORY / "krlib_std_mortality.csv", "KRLIB")
    basis = death_basis(0.025, KRLIB=own)
    sex, age, sum_assured = int(policy["sex"] == "F"), policy["issue_age"], policy["sum_assured"]
    pay = 12 * policy["prem_term"]
    contracts = Contracts.of(
        sex=sex,
        age=age,
        term_months=0,
        pay_months=pay,
        elapsed_months=[int(month) for month in expected["values"]],
        sum_assured=sum_assured,
        per_year=1,
    )
    net = reserve.net_of(basis, basis.ratios, 0.0, contracts)
    assert net.single[0] == pytest.approx(scalars["A_x"], rel=1e-12)
    assert net.annuity[0] == pytest.approx(scalars["adue"], rel=1e-12)
    assert net.annual[0] * sum_assured == pytest.approx(scalars["P_annual"], rel=1e-12)
    assert net.standard[0] * sum_assured == pytest.approx(scalars["P20"], rel=1e-12)
    charge = surrender.standard_deduction(basis, contracts)
    assert charge[0] == pytest.approx(scalars["surr_chg_cap"], rel=1e-12)

    path = monthly.account(own.q[sex, age - own.first_age :], interest=0.025, pay_months=pay)
    assert path.premium * sum_assured == pytest.approx(scalars["P_month"], rel=1e-10)
    cost = surrender.unamortised_cost(basis, contracts, surrender=SurrenderBasis())
    for row, (month, values) in enumerate(expected["values"].items()):
        assert path.value[int(month)] * sum_assured == pytest.approx(values["pol_val_pp"], rel=1e-8)
        assert cost[row] == pytest.approx(values["surr_chg_pp"], abs=1e-3)


def test_monthly_net_premium_by_the_eleven_twentyfourths_rule() -> None:
    basis = death_basis(0.025)
    net = net_premium(
        basis,
        weights=basis.ratios,
        maturity=0.0,
        sex=[0],
        age=[40],
        term_months=[240],
        pay_months=[240],
        per_year=[12],
    )
    table = basis.table
    top = table.m[0, 0, 40] - table.m[0, 0, 60]
    shift = 11 / 24 * (table.d[0, 40] - table.d[0, 60])
    bottom = 12 * (table.n[0, 40] - table.n[0, 60] - shift)
    assert net.instalment[0] == pytest.approx(top / bottom, rel=1e-14)
