"""Expected flows of groups by month: they are the present values of cells, month by month."""

from __future__ import annotations

import numpy as np
import pytest

from accounting.rules import flows, projection
from accounting.rules.assumptions import CAPITAL, Risk
from accounting.rules.curves import flat_factors, flat_forwards
from accounting.rules.flows import Kind
from accounting.rules.projection import Book

from .test_unit_values import cells


def book(rows: int = 6, **given: object) -> Book:
    values: dict[str, object] = {
        "cell": np.arange(rows) % 2,
        "group": np.arange(rows) % 3,
        "elapsed": np.array([0, 3, 0, 50, 119, 12][:rows]),
        "sum_assured": np.linspace(1e8, 2e8, rows),
        "premium": np.linspace(3e4, 9e4, rows),
        "risk": np.linspace(1.0, 1.5, rows),
        "claims_expense": np.full(rows, 0.03),
    }
    return Book(**{**values, **given})


def test_flows_at_one_rate_are_worth_what_the_backward_pass_says():
    many, some = cells(2), book()
    table = projection.project(many, 130)
    known = projection.amounts(projection.at_month_end(table, some), some, 3)
    found = flows.expected(many, some, 3)
    months = found.coming.shape[2]
    worth = np.einsum("gkm,gm->gk", found.coming, flat_factors(np.full(3, 0.03), months))
    assert worth[:, Kind.PREMIUM] == pytest.approx(known.premium, abs=1.0)
    assert worth[:, Kind.CLAIMS] == pytest.approx(known.claims + known.claims_expense, abs=1.0)
    assert worth[:, Kind.REPAID] == pytest.approx(known.repaid, abs=1.0)
    assert worth[:, Kind.EXPENSES] == pytest.approx(known.expense, abs=1.0)
    assert worth[:, Kind.COMMISSION] == pytest.approx(known.commission, abs=1.0)
    assert found.coming[:, Kind.UNITS].sum(axis=1) == pytest.approx(known.units, rel=1e-9)


def test_flows_of_new_contracts_begin_in_the_month_of_issue():
    many, some = cells(2), book()
    table = projection.project(many, 3)
    fresh = some.take(some.elapsed == 0)
    known = projection.amounts(projection.at_issue(table, fresh), fresh, 3)
    found = flows.expected(many, some, 3).new
    factors = flat_factors(np.full(3, 0.03), found.shape[2], first=0.0)
    worth = np.einsum("gkm,gm->gk", found, factors)
    assert worth[:, Kind.PREMIUM] == pytest.approx(known.premium, abs=1.0)
    assert worth[:, Kind.CLAIMS] == pytest.approx(known.claims + known.claims_expense, abs=1.0)
    assert not found[1].any()


def test_the_order_of_contracts_changes_nothing():
    many, some = cells(2), book()
    whole = flows.expected(many, some, 3)
    again = flows.expected(many, some.take(np.array([5, 2, 0, 4, 1, 3])), 3)
    assert again.coming == pytest.approx(whole.coming, abs=0.02)
    assert again.new == pytest.approx(whole.new, abs=0.02)


def risked(risk: Risk) -> flows.Expected:
    """Three groups with their risk at a flat three percent."""
    seen = flows.expected(cells(2), book(), 3)
    flat = np.full(3, 0.03)
    return flows.with_risk(
        seen,
        [risk] * 3,
        ahead=flat_forwards(flat, seen.coming.shape[2]),
        own=flat_forwards(flat, seen.new.shape[2]),
    )


def test_risk_by_confidence_level_is_a_share_of_claims():
    risk = Risk(level=0.75, volatility=0.1)
    found = risked(risk)
    share = 0.6744897501960817 * 0.1
    assert found.coming[:, Kind.RISK] == pytest.approx(
        share * found.coming[:, Kind.CLAIMS], abs=0.01
    )


def test_risk_by_cost_of_capital_is_the_cost_of_what_is_to_come():
    """RA(0)(1 + i) − release(1 + i)^½ = RA(1), and the first release is the cost of the capital."""
    risk = Risk(method=CAPITAL, capital=0.2, cost=0.06)
    found = risked(risk)
    release = found.coming[:, Kind.RISK]
    claims = found.coming[:, Kind.CLAIMS]
    factors = flat_factors(np.full(3, 0.03), claims.shape[1])
    to_come = (claims * factors).sum(axis=1)
    monthly = 1.06 ** (1 / 12) - 1
    assert release[:, 0] == pytest.approx(monthly * 0.2 * to_come, abs=0.01)
    now = (release * factors).sum(axis=1)
    later = (release[:, 1:] * factors[:, :-1]).sum(axis=1)
    assert now * 1.03 ** (1 / 12) - release[:, 0] * 1.03 ** (1 / 24) == pytest.approx(later)
